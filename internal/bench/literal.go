package bench

import (
	"encoding/hex"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

var parameter = regexp.MustCompile(`@[a-z_]+`)

// fill puts expressions into the places of a statement's parameters (@name) and takes its comments away, in which
// pgbench would look for variables.
func fill(text string, with map[string]string) (string, error) {
	var sql strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "--") {
			sql.WriteString(line)
		}
	}
	var missing []string
	out := parameter.ReplaceAllStringFunc(sql.String(), func(p string) string {
		e, ok := with[p[1:]]
		if !ok {
			missing = append(missing, p)
		}
		return "(" + e + ")"
	})
	if len(missing) > 0 {
		return "", fmt.Errorf("a reference statement asks for %s, which nothing gives", strings.Join(missing, ", "))
	}
	return out, nil
}

// literal writes a value into SQL, without a colon outside of casts.
func literal(v any) string {
	quote := func(s, kind string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'::" + kind }
	switch v := v.(type) {
	case uuid.UUID:
		return quote(v.String(), "uuid")
	case string:
		return quote(v, "text")
	case int, int32, int64:
		return fmt.Sprint(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []byte:
		return "decode('" + hex.EncodeToString(v) + "', 'hex')"
	case time.Time:
		return fmt.Sprintf("to_timestamp(%d)", v.Unix())
	case []uuid.UUID:
		ids := make([]string, len(v))
		for i, id := range v {
			ids[i] = id.String()
		}
		return quote("{"+strings.Join(ids, ",")+"}", "uuid[]")
	}
	panic(fmt.Sprintf("bench: no literal for %T", v)) // a reference statement has got a parameter of another type
}
