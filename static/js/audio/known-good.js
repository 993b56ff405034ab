// @ts-check
/** Whether this device can sound at all: before a file is blamed, a sound that is known to be good is tried like a track. */

const RATE = 8_000;
const HEAD_BYTES = 44;
/** Long enough to be seen moving, and silent: nobody is to hear the test. */
const SAMPLES = 4_000;
const SILENCE = 0x80;
/** An output that has not begun by then does not. */
const WITHIN_MS = 3_000;
const LOOK_EVERY_MS = 100;
const MOVED_S = 0.3;

/** Half a second of silence: one channel of 8 bits. */
const SOUND = `data:audio/wav;base64,${btoa(wave())}`;

/**
 * Does a known good sound play on this device? Where the browser wants a tap first nothing is known, and the answer is yes.
 * @param {() => HTMLAudioElement} createAudio @returns {Promise<boolean>}
 */
export async function canSound(createAudio) {
  const audio = createAudio();
  audio.src = SOUND;
  try {
    await Promise.race([audio.play(), after(WITHIN_MS)]);
    for (let waited = 0; waited < WITHIN_MS; waited += LOOK_EVERY_MS) {
      await after(LOOK_EVERY_MS);
      // Firefox without an output goes to the end of what it cannot play.
      if (audio.error) return false;
      if (audio.currentTime >= MOVED_S) return true;
    }
    return false;
  } catch (error) {
    return /** @type {Error} */ (error).name === "NotAllowedError";
  } finally {
    audio.pause();
    audio.src = "";
  }
}

function wave() {
  const head = new DataView(new ArrayBuffer(HEAD_BYTES));
  const write = (/** @type {number} */ at, /** @type {string} */ word) => [...word].forEach((letter, nth) => head.setUint8(at + nth, letter.charCodeAt(0)));
  write(0, "RIFF");
  head.setUint32(4, HEAD_BYTES - 8 + SAMPLES, true);
  write(8, "WAVEfmt ");
  head.setUint32(16, 16, true);
  head.setUint16(20, 1, true);
  head.setUint16(22, 1, true);
  head.setUint32(24, RATE, true);
  head.setUint32(28, RATE, true);
  head.setUint16(32, 1, true);
  head.setUint16(34, 8, true);
  write(36, "data");
  head.setUint32(40, SAMPLES, true);
  return String.fromCharCode(...new Uint8Array(head.buffer)) + String.fromCharCode(SILENCE).repeat(SAMPLES);
}

/** @param {number} ms @returns {Promise<void>} */
function after(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
