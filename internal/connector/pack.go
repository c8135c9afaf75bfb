package connector

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"slipway/internal/fault"
)

// guides are names of a connector's own guide, beside its definition.
var guides = []string{"README.md", "guide.md"}

// Parts names the files that the connector consists of, as far as it knows them: its definition, its flows, its icon and its
// guide. What lies beside them, such as somebody's secrets, is no part.
func (c *Connector) Parts(dir fs.FS) []string {
	var names []string
	add := func(name string) {
		if info, err := fs.Lstat(dir, name); err == nil && info.Mode().IsRegular() { // no link: it may lead out of the folder
			names = append(names, name)
		}
	}
	for _, f := range c.Files {
		add(f.Name)
	}
	if c.Definition != nil {
		add(File)
		add(path.Clean(c.Definition.Metadata.Icon))
	}
	for _, name := range guides {
		add(name)
	}
	return names
}

// Pack puts files of a connector's folder into one file. The same files give the same bytes, whenever and wherever.
func Pack(dir fs.FS, names []string) ([]byte, error) {
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, name := range names {
		if err := packFile(w, dir, name); err != nil {
			return nil, fmt.Errorf("pack %s: %w", name, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func packFile(w *zip.Writer, dir fs.FS, name string) error {
	content, err := fs.ReadFile(dir, name)
	if err != nil {
		return err
	}
	file, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return err
}

// Limits of a packed connector: a small file must not unpack to an endless one.
const (
	maxPacked  = 2_000
	maxRatio   = 200
	maxContent = 100 << 20
)

// Unpacked is a packed connector as a folder. It is refused where it would be more than a connector can be.
func Unpacked(r *zip.Reader) (fs.FS, error) {
	if len(r.File) > maxPacked {
		return nil, fault.Newf(fault.TooMany, "The file holds %d files, more than %d.", len(r.File), maxPacked)
	}
	var total uint64
	for _, f := range r.File {
		if !fs.ValidPath(strings.TrimSuffix(f.Name, "/")) || strings.Contains(f.Name, `\`) || f.Mode()&fs.ModeSymlink != 0 {
			return nil, fault.Newf(fault.Invalid, "The file holds %q, which is no name of a connector's file.", f.Name)
		}
		if f.UncompressedSize64 > maxRatio*(f.CompressedSize64+1024) {
			return nil, fault.Newf(fault.TooLarge, "%s is packed tighter than any connector is.", f.Name)
		}
		if total += f.UncompressedSize64; total > maxContent {
			return nil, fault.Newf(fault.TooLarge, "The file unpacks to more than %d MB.", maxContent>>20)
		}
	}
	return r, nil
}
