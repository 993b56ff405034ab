// @ts-check
/** The page's building blocks: cloned templates and the few ways to fill them. */

import { LIBRARY, linkOf } from "../../state/sources.js";
import { sourceName } from "../words/words.js";
import { say } from "../../words/common/say.js";

/** @param {string} id  of a <template> @returns {DocumentFragment} */
export function pieces(id) {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById(id));
  return /** @type {DocumentFragment} */ (template.content.cloneNode(true));
}

/** The first element of a cloned template. @param {string} id @returns {HTMLElement} */
export function piece(id) {
  return /** @type {HTMLElement} */ (pieces(id).firstElementChild);
}

/** The part marked data-<name>. @param {ParentNode} root @param {string} name @returns {any} */
export function part(root, name) {
  return root.querySelector(`[data-${name}]`);
}

/** The type of a node of words. */
const TEXT = 3;

/** Touches the page only when the words changed: a rewritten node is read aloud again and loses a selection. */
export function setText(/** @type {Element} */ element, /** @type {string} */ text) {
  const words = element.firstChild;
  // The same node with other words costs the browser half of what a new node does.
  if (words?.nodeType === TEXT && words === element.lastChild && text !== "") {
    if (words.nodeValue !== text) words.nodeValue = text;
  } else if (element.textContent !== text) {
    element.textContent = text;
  }
}

/** @param {Element} element @param {string} name @param {string|null} value */
export function setAttribute(element, name, value) {
  if (value === null) element.removeAttribute(name);
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** @param {HTMLElement} element @param {string} name @param {boolean} on */
export function setFlag(element, name, on) {
  setAttribute(element, `data-${name}`, on ? "" : null);
}

/** @param {HTMLElement} element @param {boolean} shown */
export function setShown(element, shown) {
  if (element.hidden === shown) element.hidden = !shown;
}

/** More than this are no picture any more. */
const MOST_PIPS = 8;

/** Little squares, so many of them full. @param {HTMLElement} pips @param {number} on @param {number} of */
export function setPips(pips, on, of) {
  setShown(pips, of <= MOST_PIPS);
  if (of > MOST_PIPS) return;
  while (pips.children.length > of) pips.lastElementChild?.remove();
  while (pips.children.length < of) pips.append(document.createElement("span"));
  [...pips.children].forEach((pip, index) => pip.toggleAttribute("data-on", index < on));
}

/**
 * Where a track comes from, with the way to it there: services want to be named wherever their tracks are.
 * @param {HTMLAnchorElement} link @param {import("../../state/shapes.js").Track|null} track
 */
export function drawAttribution(link, track) {
  setShown(link, track !== null && track.source !== LIBRARY);
  if (track !== null) setSourceLink(link, sourceName(track.source), linkOf(track), track.title);
}

/** Whom the room's own suggestion comes from, where the terms of that service ask for it.
 * @param {HTMLAnchorElement} link @param {Pick<import("../../state/shapes.js").Item, "suggested_for"|"track">|null} item */
export function drawCredit(link, item) {
  const credit = item?.suggested_for?.credit ?? null;
  setShown(link, credit !== null);
  if (credit !== null && item !== null) setSourceLink(link, credit.title, credit.page, item.track.title);
}

/** A link that leaves the page alone: it opens another tab.
 * @param {HTMLAnchorElement} link @param {string} source @param {string|null} url @param {string} title */
export function setSourceLink(link, source, url, title) {
  setText(link, url === null ? source : `${source} ↗`);
  setAttribute(link, "href", url);
  setAttribute(link, "aria-label", url === null ? null : say("link.new_tab", { source, title }));
}

/** A note stands in until the picture is there, and again where it cannot be had. */
export function setCover(/** @type {HTMLElement} */ cover, /** @type {string|null} */ url) {
  const image = /** @type {HTMLImageElement} */ (cover.querySelector("img"));
  if ((image.getAttribute("src") ?? null) === url) return;
  image.hidden = url === null;
  if (url === null) {
    image.removeAttribute("src");
    return;
  }
  // It keeps its box while it is awaited: a lazy picture without one would never load.
  setFlag(image, "awaited", true);
  image.onload = () => setFlag(image, "awaited", false);
  image.onerror = () => (image.hidden = true);
  image.src = url;
}
