// @ts-check
/** What is said of the devices of an account, in English. */
export const EN = /** @type {const} */ ({
  "player.active": "{type}, active now",
  "player.device": "Device",
  "player.here": "This {device}",
  "player.here_note": "Its tracks sound here, in this tab",
  "player.no_commands": "Takes no commands from other apps",
  "player.none": "No device of this account is there. Open {source} on one.",
  "player.page": "A page of BeatSync",
  "player.plays": "{source} plays here",
  "player.private": "Is in a private session, which has to end there first",
  "player_refuses.no_commands": "{name}: takes no commands from other apps.",
  "player_refuses.private": "{name}: is in a private session, which has to end there first.",
  "player_type.audiodongle": "Speaker",
  "player_type.automobile": "Car",
  "player_type.avr": "Amplifier",
  "player_type.castaudio": "Chromecast",
  "player_type.castvideo": "Chromecast",
  "player_type.computer": "Computer",
  "player_type.gameconsole": "Game console",
  "player_type.smartphone": "Phone",
  "player_type.speaker": "Speaker",
  "player_type.stb": "TV box",
  "player_type.tablet": "Tablet",
  "player_type.tv": "TV"
});
