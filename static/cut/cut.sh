#!/bin/sh
# Cuts the two fonts beside this file into the parts that browsers fetch one by one. What each part holds
# stands once, in the unicode-range of ../kindward.css. Run by hand after a change there; the parts are committed,
# and the same fonttools (4.38, Debian: fonttools, python3-brotli) writes the same bytes.
set -eu
cd "$(dirname "$0")"
for part in schibsted-grotesk schibsted-grotesk-letters schibsted-grotesk-signs schibsted-grotesk-ext; do
	whole=schibsted-grotesk.woff2
	features=ccmp,locl # two letters of a part beside each other are rare, and none is kerned with another part's
	case $part in
		schibsted-grotesk) features=$features,kern ;;
		schibsted-grotesk-ext) whole=$part.woff2 ;;
	esac
	ranges=$(sed -n "s|.*fonts/$part\.woff2.*unicode-range: \([^;]*\);.*|\1|p" ../kindward.css)
	pyftsubset $whole --no-hinting --flavor=woff2 --layout-features=$features \
		--name-IDs=0,1,2,3,4,5,6,13,14 --unicodes="$(echo "$ranges" | tr -d ' ')" --output-file="../fonts/$part.woff2"
done
