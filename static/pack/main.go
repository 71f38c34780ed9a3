// Pack writes the compressed forms of the browser's files into static/packed:
// brotli and gzip, each at its strongest, which is too slow for a running server.
// `go generate ./static` runs it; a test fails while it has work to do.
package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/andybalholm/brotli"

	"kindward/static"
)

func main() {
	if err := pack(); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

func pack() error {
	fresh := map[string]bool{}
	for _, f := range static.ToPack() {
		br, gz := f.Name+".br", f.Name+".gz"
		fresh[br], fresh[gz] = true, true
		if err := write(br, f.Data,
			func(w io.Writer) io.WriteCloser { return brotli.NewWriterLevel(w, brotli.BestCompression) }); err != nil {
			return err
		}
		if err := write(gz, f.Data, func(w io.Writer) io.WriteCloser {
			z, _ := gzip.NewWriterLevel(w, gzip.BestCompression) // the level is a constant that exists
			return z
		}); err != nil {
			return err
		}
	}
	// Old forms go last, so that the folder is never empty and the package always builds.
	old, err := filepath.Glob("packed/*")
	if err != nil {
		return err
	}
	for _, name := range old {
		if !fresh[filepath.ToSlash(name)] {
			if err := os.Remove(name); err != nil {
				return err
			}
		}
	}
	return nil
}

func write(name string, data []byte, coder func(io.Writer) io.WriteCloser) error {
	var buf bytes.Buffer
	w := coder(&buf)
	if _, err := w.Write(data); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return os.WriteFile(name, buf.Bytes(), 0o644)
}
