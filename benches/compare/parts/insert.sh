# Sourced by those who put tables into pages.
#
#   insert FILE TAG <TABLE    replaces what stands between `<!-- TAG -->` and `<!-- /TAG -->`; puts both at the end of a file without

insert() {
  local page
  touch "$1"
  page=$(TEXT=$(cat) awk -v first="<!-- $2 -->" -v last="<!-- /$2 -->" '
    $0 == first { seen = 1; print first; print ENVIRON["TEXT"]; inside = 1 }
    $0 == last { inside = 0 }
    !inside
    END { if (!seen) printf "%s\n%s\n%s\n", first, ENVIRON["TEXT"], last }
  ' "$1")
  printf '%s\n' "$page" >"$1"
  echo "written: $1, $2"
}
