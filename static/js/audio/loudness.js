// @ts-check

/**
 * How loud a track sounds, by any deck: never above full scale, where what is loudest in it would be cut.
 * @param {number} volume  0 to 1 @param {number} gain_db  of the track
 */
export function loudness(volume, gain_db) {
  return Math.min(1, volume * 10 ** (gain_db / 20));
}
