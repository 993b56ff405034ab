import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { Api } from "../../../static/js/net/api.js";
import { ServerClock } from "../../../static/js/net/server-clock.js";
import { RoomSocket } from "../../../static/js/net/socket.js";
import { FakeSocket, fakeFetch, json, noNetwork, passes, record, refusal, restoreTime, stopTime } from "../browser.mjs";
import { events, snapshot, tally } from "../cast.mjs";

let socket, clock, window, document, frames, states, calls, answer;

beforeEach(() => {
  stopTime();
  FakeSocket.all = [];
  window = new EventTarget();
  document = Object.assign(new EventTarget(), { visibilityState: "visible" });
  answer = noNetwork;
  const http = fakeFetch((call) => answer(call));
  calls = http.calls;
  clock = new ServerClock({ local: () => Date.now() });
  socket = new RoomSocket({
    code: "KQ7F4M", clock, window, document, WebSocket: FakeSocket, random: () => 1,
    location: { protocol: "https:", host: "music.example" }, api: new Api({ fetch: http.fetch }),
  });
  frames = record(socket, "frame");
  states = record(socket, "status");
});
afterEach(() => {
  socket.close();
  restoreTime();
});

const line = () => FakeSocket.last;
const state = () => socket.status.state;
const said = (type) => line().sent.filter((frame) => frame.type === type);

function goLive() {
  socket.connect();
  line().opens();
  line().hears(snapshot());
}

/** The other end of the clock exchange. */
function answers() {
  const { sent } = said("clock").at(-1);
  line().hears({ type: "clock", sent, received: sent + 500, replied: sent + 500 });
}

async function failsTwice() {
  socket.connect();
  line().closes();
  await passes(1_000);
  line().closes();
  await passes(0);
}

test("a line that comes back says which revision is known already", () => {
  let known = null;
  socket.close();
  socket = new RoomSocket({
    code: "KQ7F4M", clock, window, document, WebSocket: FakeSocket, resumePoint: () => known,
    location: { protocol: "https:", host: "music.example" },
  });
  socket.connect();
  assert.equal(line().url, "wss://music.example/ws/rooms/KQ7F4M/");
  known = { revision: 140, member: "12" };
  socket.close();
  socket.connect();
  assert.equal(line().url, "wss://music.example/ws/rooms/KQ7F4M/?revision=140&member=12");
});

test("the first frame makes the line live and is given out", () => {
  socket.connect();
  assert.equal(line().url, "wss://music.example/ws/rooms/KQ7F4M/");
  assert.equal(state(), "connecting");
  line().opens();
  line().hears(snapshot());
  assert.equal(state(), "live");
  assert.equal(frames[0].revision, 10);
});

test("one joins by opening the line", async () => {
  const joined = socket.join();
  assert.equal(line().url, "wss://music.example/ws/rooms/KQ7F4M/?join");
  line().opens();
  line().hears(snapshot());
  assert.equal(await joined, true);
  assert.equal(state(), "live");
});

test("a line by which one cannot join is not tried again", async () => {
  const joined = socket.join();
  line().closes(4401);
  assert.equal(await joined, false);
  await passes(60_000);
  assert.equal(FakeSocket.all.length, 1);
  socket.connect();
  assert.equal(line().url, "wss://music.example/ws/rooms/KQ7F4M/");
});

test("connecting twice opens one socket", () => {
  socket.connect();
  socket.connect();
  socket.retryNow();
  assert.equal(FakeSocket.all.length, 1);
});

test("a lost line is tried again soon, then ever less often", async () => {
  goLive();
  line().closes();
  assert.equal(state(), "offline");
  const first = socket.status.retryInMs;
  await passes(first);
  line().closes();
  assert.deepEqual([first, socket.status.retryInMs], [500, 1_000]);
});

test("tries are spread by chance over the whole wait", async () => {
  const early = new RoomSocket({
    code: "KQ7F4M", clock, window, document, WebSocket: FakeSocket, random: () => 0.25,
    location: { protocol: "http:", host: "h" }, api: new Api({ fetch: noNetwork }),
  });
  early.connect();
  line().closes();
  assert.equal(early.status.retryInMs, 250);
  early.close();
});

test("it goes on trying for ever, at least once in half a minute", async () => {
  socket.connect();
  for (let turn = 0; turn < 30; turn += 1) {
    const before = FakeSocket.all.length;
    line().closes();
    await passes(30_000, 1_000);
    assert.equal(FakeSocket.all.length, before + 1);
  }
});

test("the status says since when the line is down", async () => {
  goLive();
  await passes(5_000);
  const lostAt = clock.now();
  line().closes();
  await passes(300);
  assert.equal(socket.status.since, lostAt);
});

for (const code of [4401, 4403, 4404, 4410]) {
  test(`close code ${code} is final and carries the sentence before it`, async () => {
    goLive();
    line().hears({ type: "error", code: "banned", message: "The host removed you from this room." });
    line().closes(code);
    assert.deepEqual({ ...states.at(-1), since: 0, name: 0 }, {
      state: "closed", code, message: "The host removed you from this room.", retryInMs: null, since: 0, name: 0,
    });
    await passes(60_000, 1_000);
    assert.equal(FakeSocket.all.length, 1);
  });
}

test("after joining, connect opens the line that was closed", () => {
  goLive();
  line().closes(4401);
  socket.connect();
  line().opens();
  line().hears(snapshot());
  assert.equal(state(), "live");
});

test("a malformed frame is no reason to hurry", () => {
  goLive();
  line().closes(4400);
  assert.equal(socket.status.retryInMs, 30_000);
});

test("a refused socket is tried again when the server lets it in, and the room is polled until then", async () => {
  answer = () => json(snapshot());
  goLive();
  line().hears({ type: "error", code: "rate_limited", message: "Wait.", retry_after: 45 });
  line().closes(4429);
  await passes(44_000, 500);
  assert.deepEqual([FakeSocket.all.length, state()], [1, "polling"]);
  await passes(1_500, 500);
  assert.equal(FakeSocket.all.length, 2);
});

for (const code of [1012, 4512]) {
  test(`after close code ${code} the page connects again by itself and alarms nobody`, async () => {
    goLive();
    line().closes(code);
    assert.equal(state(), "connecting");
    await passes(3_900);
    assert.equal(FakeSocket.all.length, 1);
    await passes(200);
    line().opens();
    line().hears(snapshot());
    assert.deepEqual(states.map((one) => one.state), ["connecting", "live", "connecting", "live"]);
  });
}

test("one who was too slow comes back at once", async () => {
  goLive();
  line().closes(4408);
  await passes(1);
  assert.equal(FakeSocket.all.length, 2);
});

test("a handshake that never ends is given up", async () => {
  socket.connect();
  await passes(10_000, 500);
  assert.equal(line().readyState, 2);
  assert.equal(state(), "offline");
});

test("five exchanges at the start set the clock, then one each ten seconds", async () => {
  goLive();
  await passes(400);
  assert.equal(said("clock").length, 5);
  answers();
  assert.equal(clock.offset_ms, 500);
  await passes(11_200);
  assert.equal(said("clock").length, 6);
  assert.equal(frames.length, 1);
});

test("the room hears every 20 seconds that someone is here", async () => {
  goLive();
  for (let turn = 0; turn < 4; turn += 1) {
    await passes(10_100);
    answers();
  }
  assert.equal(said("pulse").length, 2);
});

test("a line on which nothing comes back for 15 seconds is dead", async () => {
  goLive();
  await passes(14_900);
  assert.equal(state(), "live");
  const old = line();
  await passes(1_700);
  assert.equal(old.readyState, 2);
  assert.equal(FakeSocket.all.length, 2);
});

test("a quiet line that answers the clock is well", async () => {
  goLive();
  for (let turn = 0; turn < 12; turn += 1) {
    await passes(5_000);
    answers();
  }
  assert.equal(FakeSocket.all.length, 1);
});

test("a dead socket that speaks once more is not heard", async () => {
  goLive();
  const old = line();
  await passes(17_000);
  old.hears(events(11, tally("i1", 2)));
  old.closes();
  assert.equal(frames.length, 1);
  assert.equal(FakeSocket.all.length, 2);
});

test("the network's return ends the wait", async () => {
  goLive();
  line().closes();
  window.dispatchEvent(new Event("online"));
  assert.equal(FakeSocket.all.length, 2);
});

test("back in the foreground a line that does not answer is replaced quickly", async () => {
  goLive();
  await passes(1_000);
  answers();
  await passes(100);
  document.dispatchEvent(new Event("visibilitychange"));
  await passes(3_600);
  assert.equal(FakeSocket.all.length, 2);
});

test("a line without a network under it is given up quickly", async () => {
  goLive();
  await passes(1_000);
  answers();
  await passes(100);
  window.dispatchEvent(new Event("offline"));
  await passes(3_100);
  assert.equal(state(), "offline");
});

test("a line that something else casts doubt on is kept when it answers", async () => {
  goLive();
  await passes(500);
  socket.doubt();
  answers();
  await passes(4_000);
  assert.equal(FakeSocket.all.length, 1);
});

test("a question asked a moment ago does not make a line that was just heard dead", async () => {
  goLive();
  await passes(8_500);
  answers();
  document.dispatchEvent(new Event("visibilitychange"));
  answers();
  await passes(2_900);
  socket.resync();
  await passes(200);
  assert.equal(FakeSocket.all.length, 1);
});

test("back in the foreground a line that answers is kept", async () => {
  goLive();
  await passes(500);
  document.dispatchEvent(new Event("visibilitychange"));
  answers();
  await passes(4_000);
  assert.equal(FakeSocket.all.length, 1);
});

test("a resync asks on the open line", () => {
  goLive();
  socket.resync();
  assert.equal(said("resync").length, 1);
});

test("where no socket can be had the snapshot is asked for every three seconds", async () => {
  answer = () => json({ ...snapshot(), revision: calls.length }, { headers: { ETag: `"${calls.length}"` } });
  await failsTwice();
  assert.equal(state(), "polling");
  assert.deepEqual(frames.map(({ type, revision }) => [type, revision]), [["snapshot", 1]]);
  await passes(3_000);
  assert.equal(calls[1].headers["If-None-Match"], '"1"');
  assert.equal(frames.at(-1).revision, 2);
});

test("a snapshot that did not change is not given out again", async () => {
  answer = () => (calls.length === 1 ? json(snapshot(), { headers: { ETag: '"1"' } }) : new Response(null, { status: 304 }));
  await failsTwice();
  await passes(9_000);
  assert.equal(calls.length, 4);
  assert.equal(frames.length, 1);
  assert.equal(states.filter((one) => one.state === "polling").length, 1);
});

test("while polling a socket is still tried, and ends the polling when it opens", async () => {
  answer = () => json(snapshot());
  await failsTwice();
  await passes(30_000, 500);
  assert.equal(FakeSocket.all.length, 3);
  assert.equal(state(), "polling");
  line().opens();
  line().hears(snapshot());
  assert.equal(state(), "live");
  const asked = calls.length;
  await passes(8_000);
  assert.equal(calls.length, asked);
});

test("when the server answers again after a silence a socket is tried at once", async () => {
  await failsTwice();
  assert.equal(state(), "offline");
  answer = () => json(snapshot());
  await passes(3_000);
  assert.equal(state(), "polling");
  assert.equal(FakeSocket.all.length, 3);
});

test("a refusal of the polled snapshot is as final as a close code", async () => {
  answer = () => refusal(404, "unknown_room");
  await failsTwice();
  assert.equal(socket.status.state, "closed");
  assert.equal(socket.status.code, 4404);
  assert.equal(socket.status.message, "No room has that code. Check the last characters, or it may have ended.");
});

test("a polled refusal that may pass is not final", async () => {
  answer = () => refusal(403, "unreadable");
  await failsTwice();
  assert.equal(state(), "offline");
});

test("try now tries both ways at once", async () => {
  await failsTwice();
  const asked = calls.length;
  socket.retryNow();
  await passes(0);
  assert.equal(FakeSocket.all.length, 3);
  assert.equal(calls.length, asked + 1);
});

test("what is not a frame is ignored", () => {
  goLive();
  line().hears("not json");
  line().hears("[1]");
  assert.equal(frames.length, 1);
  assert.equal(state(), "live");
});

test("a snapshot sets the clock until the first exchange", () => {
  socket.connect();
  line().opens();
  line().hears(snapshot({ server_ms: 7_000_000 }));
  assert.equal(clock.now(), 7_000_000);
});
