"""VieNeu-TTS v3 (the package `vieneu`, from 3.8): the voices for air, on this machine's processor and off line.

**What has never been heard.** Where this was written the weights could not be had. The package's classes run in the
tests as they are, through the real layout of the cache, on tiny graphs with random weights: what is proven is that
text, voice, seed, retry, off-line flags and missing weights are handled, not how anything sounds. So the bounds of
`tts.engines.watched` rest on the frames a phoneme that the package's authors published, the order of the voices on
their own descriptions; nobody here has heard one of them say a sentence, nor measured the speed of the true weights.

Its text normaliser is left out: it is made for raw text, and out of our readings, which are words already, it drops
the second «năm» of «tháng năm năm hai nghìn». So we cut the text ourselves and call what stands below it: phonemes of
the package, then the engine inside its public class.

The package has no release of its weights by number: what `main` of their repositories was when they were fetched is
what speaks, and the same text gives the same sound as long as they and the machine stay.
"""
