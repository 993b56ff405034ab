/** What `static/js/browser/fills.js` adds to the library of 2021: the type check finds anything newer. */

interface ObjectConstructor {
  hasOwn(record: object, key: PropertyKey): boolean;
}

interface Array<T> {
  at(place: number): T | undefined;
  findLast(fits: (value: T, place: number, all: T[]) => unknown): T | undefined;
}

interface ReadonlyArray<T> {
  at(place: number): T | undefined;
  findLast(fits: (value: T, place: number, all: readonly T[]) => unknown): T | undefined;
}

/** What the small scripts inside the room's page hand over to the page's own script. */
declare var earlyVotes: (() => { item: string | undefined; way: number }[]) | undefined;
declare var firstSocket: { socket: WebSocket; events: Event[] } | undefined;
