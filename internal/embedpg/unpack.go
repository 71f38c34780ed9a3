package embedpg

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
)

// unpack writes the archive's folder "native" into dir/native and makes the
// links that npm archives cannot hold. Modes are set whatever the umask is:
// another user runs the programs.
func unpack(archive, dir string) error {
	root, err := os.OpenRoot(dir) // no name in the archive leads out of dir
	if err != nil {
		return err
	}
	defer root.Close()
	file, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer file.Close()
	zipped, err := gzip.NewReader(file)
	if err != nil {
		return err
	}
	const most = 1 << 30 // bytes unpacked; the builds have 60 to 130 MB
	for entries := tar.NewReader(io.LimitReader(zipped, most)); ; {
		entry, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return link(root)
		}
		if err != nil {
			return err
		}
		name, wanted := strings.CutPrefix(entry.Name, "package/")
		if !wanted || entry.Typeflag != tar.TypeReg || !strings.HasPrefix(name, "native/") {
			continue
		}
		if err := writeEntry(root, name, entries); err != nil {
			return err
		}
	}
}

func writeEntry(root *os.Root, name string, content io.Reader) error {
	if err := makeFolders(root, path.Dir(name)); err != nil {
		return err
	}
	mode := fs.FileMode(0o644)
	if strings.HasPrefix(name, "native/bin/") || strings.HasPrefix(name, "native/lib/") {
		mode = 0o755
	}
	name = filepath.FromSlash(name)
	file, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	return errors.Join(err, file.Close(), root.Chmod(name, mode))
}

func makeFolders(root *os.Root, dir string) error {
	if _, err := root.Stat(filepath.FromSlash(dir)); dir == "." || err == nil {
		return nil
	}
	if err := makeFolders(root, path.Dir(dir)); err != nil {
		return err
	}
	dir = filepath.FromSlash(dir)
	if err := root.Mkdir(dir, 0o755); err != nil {
		return err
	}
	return root.Chmod(dir, 0o755)
}

// link makes the symbolic links that native/pg-symlinks.json lists: mostly the
// short names of libraries, without which the server does not load.
func link(root *os.Root) error {
	list, err := root.ReadFile(filepath.Join("native", "pg-symlinks.json"))
	if errors.Is(err, fs.ErrNotExist) || runtime.GOOS == "windows" {
		return nil
	}
	if err != nil {
		return err
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(list, &links); err != nil {
		return fmt.Errorf("native/pg-symlinks.json: %w", err)
	}
	for _, l := range links {
		to, err := filepath.Rel(path.Dir(l.Target), l.Source)
		if err != nil || !filepath.IsLocal(l.Source) {
			return fmt.Errorf("native/pg-symlinks.json: a link leads out of the folder: %s", l.Source)
		}
		if err := root.Symlink(to, l.Target); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}
