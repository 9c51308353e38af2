package stix_test

import (
	"bytes"
	"testing"

	"entente/stix"
)

// ordinary are objects of the kinds and the size that feeds are made of.
var ordinary = []string{
	`{"type":"indicator","spec_version":"2.1","id":"indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","created_by_ref":"identity--f431f809-377b-45e0-aa1c-6a4751cae5ff","created":"2024-04-06T20:03:48.123Z","modified":"2024-05-06T20:03:48.456Z","revoked":false,"labels":["water","billing"],"confidence":85,"lang":"en","name":"Loader seen on billing servers","description":"The loader writes its payload below ProgramData and starts it by a scheduled task every ten minutes; see the report for the whole chain and for what helped against it on the pumping stations, where the servers could not be stopped.","indicator_types":["malicious-activity"],"pattern":"[file:hashes.'SHA-256' = 'aec070645fe53ee3b3763059376134f058cc337247c978add178b6ccdfb0019f']","pattern_type":"stix","valid_from":"2024-04-06T20:03:48Z","kill_chain_phases":[{"kill_chain_name":"mitre-attack","phase_name":"execution"}],"object_marking_refs":["marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"]}`,
	`{"type":"relationship","spec_version":"2.1","id":"relationship--44298a74-ba52-4f0c-87a3-1824e67d7fad","created_by_ref":"identity--f431f809-377b-45e0-aa1c-6a4751cae5ff","created":"2024-04-06T20:06:37.000Z","modified":"2024-04-06T20:06:37.000Z","relationship_type":"indicates","source_ref":"indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","target_ref":"malware--31b940d4-6f7f-459a-80ea-9c1f17b5891b","object_marking_refs":["marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"]}`,
	`{"type":"file","spec_version":"2.1","id":"file--f476866f-5640-5da5-bc69-e5629ef6fb99","name":"foo.zip","hashes":{"SHA-256":"35a01331e9ad96f751278b891b6ea09699806faedfa237d40513d92ad1b7100f"},"mime_type":"application/zip","extensions":{"archive-ext":{"contains_refs":["file--70221dbf-52fd-5377-9619-c0ce6b3ffc8c","file--c0e2b1c9-232d-5b64-8b74-b6aee5bb9c47","file--5d0833b7-065e-571f-8bf2-657cb9569570"]}}}`,
	`{"type":"malware","spec_version":"2.1","id":"malware--31b940d4-6f7f-459a-80ea-9c1f17b5891b","created_by_ref":"identity--f431f809-377b-45e0-aa1c-6a4751cae5ff","created":"2024-04-06T20:07:09.000Z","modified":"2024-04-06T20:07:09.000Z","is_family":true,"name":"Poison Ivy","malware_types":["trojan","remote-access-trojan"],"first_seen":"2020-01-01T00:00:00Z","external_references":[{"source_name":"vendor","description":"Analysis of the loader and of its servers"}],"object_marking_refs":["marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"],"granular_markings":[{"marking_ref":"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed","selectors":["external_references.[0].description"]}]}`,
}

func BenchmarkValidate(b *testing.B) {
	for _, raw := range ordinary {
		object := []byte(raw)
		b.Run(raw[9:17], func(b *testing.B) {
			b.SetBytes(int64(len(object)))
			b.ReportAllocs()
			for b.Loop() {
				if found := stix.Validate(object); len(found) != 0 {
					b.Fatal(found)
				}
			}
		})
	}
}

func BenchmarkValidateAll(b *testing.B) {
	var bundle bytes.Buffer
	bundle.WriteString(`{"type":"bundle","id":"bundle--5d0092c5-5f74-4287-9642-33f4c354e56d","objects":[`)
	for i := range 1000 {
		if i > 0 {
			bundle.WriteByte(',')
		}
		bundle.WriteString(ordinary[i%len(ordinary)])
	}
	bundle.WriteString(`]}`)
	b.SetBytes(int64(bundle.Len()))
	for b.Loop() {
		for _, err := range stix.ValidateAll(bytes.NewReader(bundle.Bytes()), stix.WithoutRules("duplicate-object")) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(1000*float64(b.N)/b.Elapsed().Seconds(), "objects/s")
}
