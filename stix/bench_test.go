package stix_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"entente/stix"
)

// sample gives objects of the kinds and sizes that feeds are made of.
func sample(n int) []string {
	kinds := []func(i int) string{
		func(i int) string {
			return fmt.Sprintf(`{"type":"indicator","spec_version":"2.1","id":"indicator--8e2e2d2b-17d4-4cbf-938f-%012x","created_by_ref":"identity--f431f809-377b-45e0-aa1c-6a4751cae5ff","created":"2026-04-06T20:03:48.000Z","modified":"2026-04-06T20:03:48.%03dZ","indicator_types":["malicious-activity"],"name":"Beacon host of campaign %d","description":"The host answers on port 443 with a certificate made for the campaign, and serves the second stage to addresses of the water sector only; seen first by the utility's own sensors.","pattern":"[domain-name:value = 'update-%d.cdn-billing.example'] OR [ipv4-addr:value = '198.51.100.%d']","pattern_type":"stix","pattern_version":"2.1","valid_from":"2026-04-06T20:03:48Z","kill_chain_phases":[{"kill_chain_name":"mitre-attack","phase_name":"command-and-control"}],"labels":["ransomware","water"],"confidence":75,"object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"]}`, i, i%1000, i, i, i%250)
		},
		func(i int) string {
			return fmt.Sprintf(`{"type":"relationship","spec_version":"2.1","id":"relationship--57b56a43-b8b0-4cba-9deb-%012x","created_by_ref":"identity--f431f809-377b-45e0-aa1c-6a4751cae5ff","created":"2026-04-06T20:07:09.000Z","modified":"2026-04-06T20:07:10.%03dZ","relationship_type":"indicates","description":"The beacon host was contacted by the loader that this family brings; the link rests on the certificate and on the order of requests, which two members saw independently of one another in their own proxy logs.","source_ref":"indicator--8e2e2d2b-17d4-4cbf-938f-%012x","target_ref":"malware--31b940d4-6f7f-459a-80ea-9c1f17b5891b","start_time":"2026-04-01T00:00:00Z","confidence":60,"object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"],"external_references":[{"source_name":"mitre-attack","external_id":"T1071.001","url":"https://attack.mitre.org/techniques/T1071/001"}]}`, i, i%1000, i)
		},
		func(i int) string {
			return fmt.Sprintf(`{"type":"sighting","spec_version":"2.1","id":"sighting--ee20065d-2555-424f-ad9e-%012x","created_by_ref":"identity--f431f809-377b-45e0-aa1c-6a4751cae5ff","created":"2026-04-06T20:08:31.000Z","modified":"2026-04-06T20:08:31.%03dZ","first_seen":"2026-04-05T21:22:08Z","last_seen":"2026-04-06T03:11:59Z","count":%d,"sighting_of_ref":"indicator--8e2e2d2b-17d4-4cbf-938f-%012x","observed_data_refs":["observed-data--b67d30ff-02ac-498a-92f9-32f845f448cf"],"where_sighted_refs":["identity--b67d30ff-02ac-498a-92f9-32f845f448ff","identity--0f4b1e2e-5a2a-4f8e-9a1c-c1d4f7b1a001"],"summary":false,"description":"Outgoing connections at regular intervals from three hosts of the billing system; blocked at the perimeter after the second hour and reported to the sector's centre the same night.","object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"]}`, i, i%1000, i%50, i)
		},
		func(i int) string {
			return fmt.Sprintf(`{"type":"file","spec_version":"2.1","id":"file--30038539-3eb6-44bc-a59e-%012x","hashes":{"MD5":"66e2ea40dc71d5ba701574ea215a%04x","SHA-1":"cb3f2b1fe8a0d4b3fa4c7f7c7a2a4f5d0b01%04x","SHA-256":"bf07a7fbb825fc0aae7bf4a1177b2b31fcf8a3feeaf7092761e18c859ee5%04x"},"size":77312,"name":"invoice_%d.exe","name_enc":"windows-1252","magic_number_hex":"4d5a9000","mime_type":"application/vnd.microsoft.portable-executable","ctime":"2026-03-11T08:00:00Z","mtime":"2026-03-12T10:12:04Z","parent_directory_ref":"directory--93c0a9b0-520d-545d-9094-1a08ddf46b05","content_ref":"artifact--4cce66f8-6eaa-53cb-85d5-3a85fca3a6c5","object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"]}`, i, i&0xffff, i&0xffff, i&0xffff, i)
		},
		func(i int) string {
			return fmt.Sprintf(`{"type":"report","spec_version":"2.1","id":"report--84e4d88f-44ea-4bcd-bbf3-%012x","created_by_ref":"identity--f431f809-377b-45e0-aa1c-6a4751cae5ff","created":"2026-04-07T09:00:00.000Z","modified":"2026-04-07T09:00:00.%03dZ","name":"Ransomware at a water utility, day %d","description":"What happened, what was done, what others should look for.","report_types":["campaign","indicator"],"published":"2026-04-07T09:00:00Z","object_refs":["indicator--8e2e2d2b-17d4-4cbf-938f-%012x","relationship--57b56a43-b8b0-4cba-9deb-%012x","malware--31b940d4-6f7f-459a-80ea-9c1f17b5891b","identity--f431f809-377b-45e0-aa1c-6a4751cae5ff"],"object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"],"labels":["water","ransomware"]}`, i, i%1000, i, i, i)
		},
	}
	out := make([]string, n)
	for i := range out {
		out[i] = kinds[i%len(kinds)](i)
	}
	return out
}

func bundle(objects []string) []byte {
	var b bytes.Buffer
	b.WriteString(`{"type":"bundle","id":"bundle--5d0092c5-5f74-4287-9642-33f4c354e56d","objects":[`)
	for i, o := range objects {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(o)
	}
	b.WriteString(`]}`)
	return b.Bytes()
}

// The budget: Scan at least five times as fast as Map, two allocations
// an object at most. Compare ns/object of one run.
func BenchmarkScan(b *testing.B) {
	raw := bundle(sample(1000))
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		for _, err := range stix.Scan(bytes.NewReader(raw)) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != 1000 {
			b.Fatal(n)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/object")
}

func BenchmarkMap(b *testing.B) {
	objects := sample(1000)
	b.SetBytes(int64(len(bundle(objects))))
	b.ReportAllocs()
	raw := make([][]byte, len(objects))
	for i, o := range objects {
		raw[i] = []byte(o)
	}
	for b.Loop() {
		for _, o := range raw {
			var m map[string]any
			if err := json.Unmarshal(o, &m); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/object")
}

func BenchmarkRead(b *testing.B) {
	raw := []byte(sample(1)[0])
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := stix.Read(raw); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDigest(b *testing.B) {
	objects := sample(1000)
	raw := make([][]byte, len(objects))
	for i, o := range objects {
		raw[i] = []byte(o)
	}
	b.SetBytes(int64(len(bundle(objects))))
	b.ReportAllocs()
	for b.Loop() {
		for _, o := range raw {
			if _, err := stix.Digest(o); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/object")
}
