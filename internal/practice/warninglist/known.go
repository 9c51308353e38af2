package warninglist

// known is what stands without anybody having added a list: addresses without which most
// networks find no names. An indicator for one would cut off who blocks by it.
var known = &List{
	Name:     "Public resolvers and root servers (built in)",
	Type:     CIDR,
	Matching: []string{"ip-src", "ip-dst"},
	Entries: []string{
		"8.8.8.8", "8.8.4.4", "2001:4860:4860::8888", "2001:4860:4860::8844", // Google
		"1.1.1.1", "1.0.0.1", "2606:4700:4700::1111", "2606:4700:4700::1001", // Cloudflare
		"9.9.9.9", "149.112.112.112", "2620:fe::fe", "2620:fe::9", // Quad9
		"208.67.222.222", "208.67.220.220", "2620:119:35::35", "2620:119:53::53", // OpenDNS
		"198.41.0.4", "170.247.170.2", "192.33.4.12", "199.7.91.13", "192.203.230.10", // a to e of root-servers.net
		"192.5.5.241", "192.112.36.4", "198.97.190.53", "192.36.148.17", // f to i
		"192.58.128.30", "193.0.14.129", "199.7.83.42", "202.12.27.33", // j to m
		"2001:503:ba3e::2:30", "2801:1b8:10::b", "2001:500:2::c", "2001:500:2d::d", "2001:500:a8::e",
		"2001:500:2f::f", "2001:500:12::d0d", "2001:500:1::53", "2001:7fe::53",
		"2001:503:c27::2:30", "2001:7fd::1", "2001:500:9f::42", "2001:dc3::35",
	},
}

// notBuiltIn is the error of who would change the list that is built in.
func notBuiltIn(name string) error {
	if Key(name) != Key(known.Name) {
		return nil
	}
	return invalid("the warninglist %q is built in, and stays as it is; give a list of yours another name, or insist on a value that is to be blocked", known.Name)
}
