package intake

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Stdin is the path that stands for standard input.
const Stdin = "-"

// Source is one input by name.
type Source struct {
	Name string
	Size int64 // bytes; -1 when unknown
	Open func() (io.ReadCloser, error)
}

// Content opens a source and gives what is in it, as [Open] does.
func (s Source) Content(limits Limits) (io.ReadCloser, error) {
	in, err := s.Open()
	if err != nil {
		return nil, err
	}
	content, err := Open(in, limits)
	if err != nil {
		in.Close()
		return nil, fmt.Errorf("%s: %w", s.Name, err)
	}
	return &opened{content, in}, nil
}

// opened closes the source with its content.
type opened struct {
	io.ReadCloser
	in io.Closer
}

func (o *opened) Close() error { return errors.Join(o.ReadCloser.Close(), o.in.Close()) }

// Sources lists what paths stand for: a file as itself, whatever its name; a
// folder as the files below it whose names are of STIX, in lexical order,
// symbolic links left out; "-" as standard input. A path that cannot be read
// is yielded as an error, and the next ones follow.
func Sources(paths []string, stdin io.Reader) iter.Seq2[Source, error] {
	return sources(paths, stdin, HasSTIXName)
}

// AllSources is Sources with a folder as all the files below it, whatever their names.
func AllSources(paths []string, stdin io.Reader) iter.Seq2[Source, error] {
	return sources(paths, stdin, func(string) bool { return true })
}

func sources(paths []string, stdin io.Reader, named func(string) bool) iter.Seq2[Source, error] {
	return func(yield func(Source, error) bool) {
		for _, path := range paths {
			if path == Stdin {
				open := func() (io.ReadCloser, error) { return io.NopCloser(stdin), nil }
				if !yield(Source{Name: "standard input", Size: -1, Open: open}, nil) {
					return
				}
				continue
			}
			if !walk(path, named, yield) {
				return
			}
		}
	}
}

// walk yields what one path stands for.
func walk(path string, named func(string) bool, yield func(Source, error) bool) bool {
	info, err := os.Stat(path)
	if err != nil {
		return yield(Source{Name: path}, err)
	}
	if !info.IsDir() {
		return yield(fileSource(path, info), nil)
	}
	goOn := true
	// With its separator, a link to a folder is followed when it is named itself.
	err = filepath.WalkDir(path+string(filepath.Separator), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			goOn = yield(Source{Name: path}, err)
		} else if d.Type().IsRegular() && named(d.Name()) {
			info, err := d.Info()
			if err != nil {
				goOn = yield(Source{Name: path}, err)
			} else {
				goOn = yield(fileSource(path, info), nil)
			}
		}
		if !goOn {
			return filepath.SkipAll
		}
		return nil
	})
	if err != nil && goOn {
		return yield(Source{Name: path}, err)
	}
	return goOn
}

func fileSource(path string, info fs.FileInfo) Source {
	size := info.Size()
	if !info.Mode().IsRegular() {
		size = -1 // a pipe
	}
	return Source{Name: path, Size: size, Open: func() (io.ReadCloser, error) { return os.Open(path) }}
}

// HasSTIXName tells whether a file's name says that it may hold STIX.
func HasSTIXName(name string) bool {
	name = strings.ToLower(name)
	for _, packed := range []string{".gz", ".zst", ".xz"} {
		name = strings.TrimSuffix(name, packed)
	}
	return slices.Contains([]string{".json", ".stix", ".stix2", ".jsonl", ".ndjson"}, filepath.Ext(name))
}
