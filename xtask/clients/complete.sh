# What bash offers for the beginning of a word: complete.sh SCRIPT PROGRAM BEGINNING
source "$1"
read -ra how <<<"$(complete -p "$2")"
for place in "${!how[@]}"; do
    [ "${how[place]}" != -F ] || function=${how[place + 1]}
done
COMP_WORDS=("$2" "$3") COMP_CWORD=1
"$function" "$2" "$3" "$2"
printf '%s\n' "${COMPREPLY[@]}"
