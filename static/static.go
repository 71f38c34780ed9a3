// Package static holds what a browser loads besides pages: the style sheet, the icons,
// the fonts, htmx and our own small script.
//
// Every file is served under a name that contains a hash of its content, so a browser
// may keep it for ever and a new release is seen at once. Pages ask [Path] for the name.
package static

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"sync"
)

//go:generate go run ./pack

//go:embed app.js passkey.js signoff.js upload.js htmx.min.js icon.svg icons.svg kindward.css console.css fonts packed
var files embed.FS

// prefix is where the routes mount [Handler].
const prefix = "/static/"

// asset is one file as it is served. br and gz are nil when the file does not get smaller
// (fonts), or when `go generate` has not seen its current content: then it goes out plain.
type asset struct {
	path  string // "/static/kindward.1f2e3d4c5b6a.css"
	kind  string // Content-Type
	hash  string
	plain []byte
	br    []byte
	gz    []byte
}

type library struct {
	byName map[string]*asset // "kindward.css"
	byPath map[string]*asset // "/static/kindward.1f2e3d4c5b6a.css"
}

// shelf is built on first use, about a millisecond, so that verbs without pages pay nothing.
var shelf = sync.OnceValue(build)

// Path gives the address of a file: Path("kindward.css") is "/static/kindward.<hash>.css".
// A name that is not in this package is a mistake in our own source, so it panics.
func Path(name string) string {
	a, ok := shelf().byName[name]
	if !ok {
		panic("static: there is no file " + name)
	}
	return a.path
}

var kinds = map[string]string{
	".css":   "text/css; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".svg":   "image/svg+xml",
	".woff2": "font/woff2",
}

func build() *library {
	lib := &library{byName: map[string]*asset{}, byPath: map[string]*asset{}}
	for _, name := range names() {
		if path.Ext(name) != ".css" {
			lib.add(name, plainScript(name, read(name)))
		}
	}
	// Style sheets come last: they contain the addresses of the others.
	for _, name := range names() {
		if path.Ext(name) == ".css" {
			lib.add(name, minify(lib.readdress(read(name))))
		}
	}
	return lib
}

// names lists the files to serve; packed holds the compressed forms of the same files.
func names() []string {
	var all []string
	err := fs.WalkDir(files, ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case p == "packed":
			return fs.SkipDir
		case !d.IsDir():
			all = append(all, p)
		}
		return nil
	})
	if err != nil {
		panic(fmt.Sprintf("static: reading the embedded files: %v", err))
	}
	return all
}

func read(name string) []byte {
	data, err := files.ReadFile(name)
	if err != nil {
		panic(fmt.Sprintf("static: reading %s: %v", name, err))
	}
	return data
}

func (lib *library) add(name string, data []byte) {
	sum := sha256.Sum256(data)
	hash := hex.EncodeToString(sum[:6])
	ext := path.Ext(name)
	a := &asset{
		path:  prefix + strings.TrimSuffix(name, ext) + "." + hash + ext,
		kind:  kinds[ext],
		hash:  hash,
		plain: data,
	}
	// The packed name carries the hash, so a stale form can never be served for new content.
	a.br, _ = files.ReadFile(packedName(name, hash, "br"))
	a.gz, _ = files.ReadFile(packedName(name, hash, "gz"))
	lib.byName[name] = a
	lib.byPath[a.path] = a
}

func packedName(name, hash, coding string) string {
	ext := path.Ext(name)
	return "packed/" + strings.TrimSuffix(path.Base(name), ext) + "." + hash + ext + "." + coding
}

var cssURL = regexp.MustCompile(`url\("([^":]+)"\)`)

// readdress puts the hashed addresses into a style sheet; data: URLs stay as they are.
func (lib *library) readdress(css []byte) []byte {
	return cssURL.ReplaceAllFunc(css, func(m []byte) []byte {
		name := string(cssURL.FindSubmatch(m)[1])
		a, ok := lib.byName[name]
		if !ok {
			panic("static: the style sheet asks for " + name + ", which is not here")
		}
		return []byte(`url("` + a.path + `")`)
	})
}

// Unpacked is one file that gains from compression, for the program that packs them.
type Unpacked struct {
	Name string // without the coding's ending: "packed/app.1f2e3d4c5b6a.js"
	Data []byte
}

// ToPack lists the files whose compressed forms belong into the folder packed. Fonts are not
// among them: woff2 is brotli already.
func ToPack() []Unpacked {
	lib := shelf()
	var all []Unpacked
	for _, name := range names() {
		if path.Ext(name) == ".woff2" {
			continue
		}
		a := lib.byName[name]
		all = append(all, Unpacked{strings.TrimSuffix(packedName(name, a.hash, ""), "."), a.plain})
	}
	return all
}
