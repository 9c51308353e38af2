package demo

import (
	"fmt"
	"io"
	"path/filepath"

	"entente/taxii"
)

// suggest prints what to try while the nodes serve; every line works as pasted.
func (c *coalition) suggest(w io.Writer, ids map[string]string) {
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
	fmt.Fprintf(w, "\n  # everything that Tideline may have from Brookwater, as a client pulls it\n  ENTENTE_TOKEN=%s entente taxii pull %s/taxii2/ --user %s --collection %s -o -\n",
		c.nodes[util].tokens[isac], c.nodes[util].url, isac.key, shared)
	data := func(m *member) string { return filepath.Join(c.dir, m.key) }
	fmt.Fprintf(w, "\n  # who may read at the CERT, and what its log says it did\n  entente account list --data %s\n  entente log show --data %s\n", data(cert), data(cert))
	fmt.Fprintf(w, "\n  # check every byte of Brookwater's store afterwards\n  entente verify-store --data %s\n", data(util))
}
