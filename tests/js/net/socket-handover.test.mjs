import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { socketsAfter } from "../../../static/js/net/socket-handover.js";
import { FakeSocket } from "../browser.mjs";

const ADDRESS = "wss://music.example/ws/rooms/KQ7F4M/?join";
let first;

beforeEach(() => {
  FakeSocket.all = [];
  first = { socket: new FakeSocket(ADDRESS), events: [{ type: "open" }, { type: "message", data: "{}" }] };
});

/** What its owner hears of a socket. */
function owns(WebSocket, url) {
  const heard = [];
  const socket = new WebSocket(url);
  for (const name of ["open", "message", "close"]) socket[`on${name}`] = ({ type }) => heard.push(type ?? name);
  return { socket, heard };
}

test("the socket that the page has opened is the first one, with what it has heard so far", async () => {
  const { socket, heard } = owns(socketsAfter(first, FakeSocket), ADDRESS);
  assert.equal(socket, first.socket);
  await null;
  socket.closes();
  assert.deepEqual(heard, ["open", "message", "close"]);
});

test("another address is another socket, and the first one is closed", () => {
  const { socket } = owns(socketsAfter(first, FakeSocket), "wss://music.example/ws/rooms/KQ7F4M/");
  assert.notEqual(socket, first.socket);
  assert.equal(first.socket.readyState, 2);
});

test("the next socket is a new one", () => {
  const WebSocket = socketsAfter(first, FakeSocket);
  owns(WebSocket, ADDRESS);
  assert.notEqual(owns(WebSocket, ADDRESS).socket, first.socket);
});
