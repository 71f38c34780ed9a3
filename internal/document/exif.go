package document

import (
	"bytes"
	"encoding/binary"
)

const orientationTag = 0x0112

// orientation is how a JPEG says that its camera was held, 1 to 8; 0 if it does not say.
func orientation(content []byte) int {
	for at := 2; at+4 <= len(content) && content[at] == 0xff; {
		size := int(binary.BigEndian.Uint16(content[at+2:]))
		if content[at+1] == 0xda || size < 2 || at+2+size > len(content) {
			return 0
		}
		part := content[at+4 : at+2+size]
		if tiff, found := bytes.CutPrefix(part, []byte("Exif\x00\x00")); found && content[at+1] == 0xe1 {
			return orientationIn(tiff)
		}
		at += 2 + size
	}
	return 0
}

// orientationIn reads the first directory of a TIFF header.
func orientationIn(tiff []byte) int {
	if len(tiff) < 8 {
		return 0
	}
	var order binary.ByteOrder = binary.BigEndian
	if tiff[0] == 'I' {
		order = binary.LittleEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 0
	}
	entries := int64(order.Uint16(tiff[at:]))
	for n := range entries {
		entry := at + 2 + 12*n
		if entry+12 > int64(len(tiff)) {
			return 0
		}
		if order.Uint16(tiff[entry:]) == orientationTag {
			return int(order.Uint16(tiff[entry+8:]))
		}
	}
	return 0
}
