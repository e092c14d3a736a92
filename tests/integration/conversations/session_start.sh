#!/usr/bin/env bash
# What a coding tool's hook does when a session starts: refresh what is composed, ask which agents there are and
# where their memory is, and name those files in CLAUDE.md between two marks.
#
#   session_start.sh <project folder> <words before "memory" and "agents">...
#
# Nothing here may stop a session: it always ends well, and leaves the file alone when it learned nothing.
set -u
project=$1
shift

"$@" memory compose >/dev/null 2>&1
listed=$("$@" agents list --format=json 2>/dev/null) || exit 0
slugs=$(printf '%s' "$listed" | python3 -c '
import json, re, sys
found = re.search(r"\[.*\]", sys.stdin.read(), re.DOTALL)
for agent in json.loads(found.group(0)) if found else []:
    if agent.get("status", "") in ("", "active"):
        print(agent["agent_slug"])
') || exit 0

files=()
for slug in $slugs; do
	told=$("$@" memory paths --agent="$slug" --format=json 2>/dev/null) || continue
	while IFS= read -r file; do
		case " ${files[*]-} " in
		*" $file "*) ;;
		*) files+=("$file") ;;
		esac
	done < <(printf '%s' "$told" | python3 -c '
import json, re, sys
found = re.search(r"\{.*\}", sys.stdin.read(), re.DOTALL)
print("\n".join(json.loads(found.group(0))["relative_files"]))
')
done
[ "${#files[@]}" -gt 0 ] || exit 0

block=$(mktemp)
{
	echo '<!-- DM_AGENT_SYNC_START -->'
	printf '@%s\n' "${files[@]}"
	echo
	echo "Discover DM paths: \`$* memory paths\`"
	echo '<!-- DM_AGENT_SYNC_END -->'
} >"$block"
python3 - "$project/CLAUDE.md" "$block" <<'PY'
import pathlib, re, sys
file, block = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]).read_text()
text = file.read_text() if file.exists() else ""
marked = re.compile(r"<!-- DM_AGENT_SYNC_START -->\n.*?<!-- DM_AGENT_SYNC_END -->\n", re.DOTALL)
file.write_text(marked.sub(lambda _: block, text) if marked.search(text) else text + block)
PY
rm -f "$block"
exit 0
