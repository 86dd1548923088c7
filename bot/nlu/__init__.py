"""How a message is understood: text in, intent, topic, entities and separate matters out.

The pipeline of `config.yml` is the order of reading: `normaliser`, `segmenter`, `places`, `intent`, `topic`,
`numbers`, `rejection`. Each of these modules holds a Rasa component; what it computes is in plain modules
beside it, which know nothing of Rasa: `normalise`, `segmentation`, `gazetteer`, `tagger`, `place_grammar`,
`masking`, `ngrams`, `linear`, `number_patterns`, `rejection_rules`. `matters` cuts messages that hold several
requests.
"""
