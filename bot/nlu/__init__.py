"""How a message is understood: text in, intent, topic, entities and separate matters out.

The order of `config.yml` is the order of reading: `normaliser`, `segmenter`, `intent`, `topic`,
`places`, `numbers`, `rejection`, `matters`. Each of these modules holds one Rasa component; what it
computes is in plain modules beside it (`normalise`, `linear`, `ngrams`, `gazetteer`, `tagger`, ...), which know
nothing of Rasa.
"""
