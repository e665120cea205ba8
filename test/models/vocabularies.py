"""
Small vocabularies of every kind, counted from licences that each Debian has. The trainers of the package `tokenizers` are no
use here: they walk through hash tables with a random seed, and no two runs give the same tokens in the same order.
"""

import math
from collections import Counter
from itertools import pairwise
from pathlib import Path

LICENCES = ["Apache-2.0", "GFDL-1.3", "GPL-3", "MPL-2.0"]
LONGEST = 8


def corpus():
    return [line for name in LICENCES for line in Path("/usr/share/common-licenses", name).read_text(encoding="utf-8").splitlines()]


def words_of(tokenizer, lines):
    """How often each word is there, as the tokenizer's model gets it."""
    normalize = tokenizer.normalizer.normalize_str if tokenizer.normalizer else str
    return Counter(word for line in lines for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(normalize(line)))


def first(counts, size):
    """The most frequent, and of those alike the first in the alphabet."""
    return sorted(counts, key=lambda item: (-counts[item], item))[:size]


def pieces(words, size, inner=""):
    """
    Every character and the parts of words that spell most of them, with how often each occurs.
    @param inner what is put before a part that does not begin a word
    """
    characters, parts = Counter(), Counter()
    for word, times in words.items():
        for start in range(len(word)):
            for end in range(start + 1, min(len(word), start + LONGEST) + 1):
                (parts if end > start + 1 else characters)[(inner if start else "") + word[start:end]] += times
    spelled = Counter({part: times * len(part.removeprefix(inner)) for part, times in parts.items()})
    chosen = first(characters, None) + first(spelled, max(0, size - len(characters)))
    return {part: characters[part] + parts[part] for part in chosen}


def wordpiece(tokenizer, lines, special, size):
    found = pieces(words_of(tokenizer, lines), size - len(special), inner="##")
    return {token: index for index, token in enumerate([*special, *found])}


def unigram(tokenizer, lines, special, size):
    """With a little less for each further token, so that no two ways to cut a word are worth the same."""
    found = pieces(words_of(tokenizer, lines), size - len(special))
    total = sum(found.values())
    scores = [(part, math.log(times / total) - rank / 1000) for rank, (part, times) in enumerate(found.items())]
    return [(token, 0.0) for token in special] + scores


def merged(word, pair):
    joined, at = [], 0
    while at < len(word):
        both = word[at : at + 2] == pair
        joined.append(word[at] + word[at + 1] if both else word[at])
        at += 2 if both else 1
    return tuple(joined)


def bpe(tokenizer, lines, special, *, alphabet, size):
    """The tokens and the merges: always the most frequent pair of neighbours."""
    words = Counter({tuple(word): times for word, times in words_of(tokenizer, lines).items()})
    tokens, merges = [*special, *sorted(alphabet)], []
    while len(tokens) < size:
        pairs = Counter()
        for word, times in words.items():
            for pair in pairwise(word):
                pairs[pair] += times
        [best] = first(pairs, 1)
        merges.append(best)
        # Two pairs may come to the same token.
        if "".join(best) not in tokens:
            tokens.append("".join(best))
        words = Counter({merged(word, best): times for word, times in words.items()})
    return {token: index for index, token in enumerate(tokens)}, merges
