"""Letters of other alphabets, and of Latin ones that carry more than an accent."""

_CYRILLIC = (
    "а a б b в v г g д d е e ж zh з z и i й i к k л l м m н n о o п p р r с s т t у u "
    "ф f х kh ц ts ч ch ш sh щ shch ъ - ы y ь - э e ю iu я ia і i ї i є ie ґ g ў u ђ "
    "dj ј j љ lj њ nj ћ c џ dz ѓ g ќ k ѕ dz"
)
_GREEK = (
    "α a β v γ g δ d ε e ζ z η i θ th ι i κ k λ l μ m ν n ξ x ο o π p ρ r σ s ς s τ t "
    "υ u φ f χ ch ψ ps ω o"
)
_LATIN = "ß ss æ ae œ oe ø o đ d ð d þ th ł l ħ h ı i ĸ k ŋ n ſ s ə e"
# Armenian and Georgian: one letter each, near enough to compare what people write.
_GEORGIAN = (
    "ა a ბ b გ g დ d ე e ვ v ზ z თ t ი i კ k ლ l მ m ნ n ო o პ p ჟ zh რ r ს s ტ t უ u "
    "ფ p ქ k ღ gh ყ q შ sh ჩ ch ც ts ძ dz წ ts ჭ ch ხ kh ჯ j ჰ h"
)


def _table(*lines):
    table = {}
    for line in lines:
        parts = line.split()
        for letter, latin in zip(parts[::2], parts[1::2], strict=True):
            table[ord(letter)] = "" if latin == "-" else latin
    return table


#: For `str.translate`: letter → how it is written in plain Latin letters.
TO_LATIN = _table(_CYRILLIC, _GREEK, _LATIN, _GEORGIAN)
