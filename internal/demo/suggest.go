package demo

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"entente/taxii"
)

// suggest prints what to try while the nodes serve; every line works as pasted.
func (c *coalition) suggest(w io.Writer, ids map[string]string) {
	entente := program()
	as := func(at, who *member) string {
		user := who.key
		if at == who {
			user = "analyst"
		}
		return user + ":" + c.nodes[at].tokens[who]
	}
	curl := func(what string, at, who *member, path string) {
		fmt.Fprintf(w, "\n  # %s\n  curl -gs -u %s -H 'Accept: %s' '%s/taxii2/root/collections/%s'\n",
			what, as(at, who), taxii.MediaTAXII, c.nodes[at].url, path)
	}
	fmt.Fprintf(w, "\nThe nodes serve until Ctrl-C. To try:\n")
	curl("the CERT's reports, as the utility reads them", cert, util, shared+"/objects/?match[type]=report")
	curl("Brookwater's incident, as Brookwater's partner asks for it: nothing", util, isac, shared+"/objects/"+ids["incident"]+"/")
	curl("both versions of the indicator that was a false alarm", cert, host, shared+"/objects/"+ids["false alarm"]+"/versions/")
	fmt.Fprintf(w, "\n  # everything that Tideline may have from Brookwater, as a client pulls it\n  ENTENTE_TOKEN=%s %s taxii pull %s/taxii2/ --user %s --collection %s -o -\n",
		c.nodes[util].tokens[isac], entente, c.nodes[util].url, isac.key, shared)
	fmt.Fprintf(w, "\n  # what Brookwater's resolver blocks, as it fetches it\n  curl -s -H 'Authorization: Bearer %s' %s/export/v1\n", c.nodes[util].resolver, c.nodes[util].url)
	data := func(m *member) string { return filepath.Join(c.dir, m.key) }
	fmt.Fprintf(w, "\n  # what Brookwater knows by now of one of the addresses\n  %s find '%s' --data %s\n", entente, strings.ReplaceAll(scannerAddress(7), ".", "[.]"), data(util))
	fmt.Fprintf(w, "\n  # who may read at the CERT, and what its log says it did\n  %[1]s account list --data %[2]s\n  %[1]s log show --data %[2]s\n", entente, data(cert))
	fmt.Fprintf(w, "\n  # check every byte of Brookwater's store afterwards\n  %s verify-store --data %s\n", entente, data(util))
}

// program is how this program can be started again from where it was.
func program() string {
	self, err := os.Executable()
	if err != nil {
		return "entente"
	}
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		if sameFile(filepath.Join(dir, "entente"), self) {
			return "entente"
		}
	}
	if strings.Contains(self, "go-build") { // go run takes it away at its end
		return "go run ./cmd/entente"
	}
	return self
}

func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}
