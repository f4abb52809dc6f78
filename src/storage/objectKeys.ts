// The only place that turns names given by clients into store keys: `<team_id>/<path under the team's root>`.
// Everything a client can name passes checkPath or checkFolder first, so that no name leaves its team.
import { invalid } from '../lib/errors.ts';

declare const checked: unique symbol;
/** A key that came through this file. Stores take nothing else. */
export type ObjectKey = string & { readonly [checked]: true };

const MAX_PATH_BYTES = 1024;
const MAX_SEGMENT_BYTES = 255;
const MAX_DECODINGS = 10;

/** C0, DEL, C1 and what XML, which S3 speaks, can't carry. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/;
const DRIVE = /^[A-Za-z]:/;

const refuse = (why: string): never => {
  throw invalid(`Invalid path: ${why}`, { reason: 'path-invalid', argument: 'path' });
};

/** It would lead out of its folder, or might on some system. */
const refuseUnsafe = (why: string): never => {
  throw invalid(`Invalid path: ${why}`, { reason: 'path-unsafe', argument: 'path' });
};

/** Percent-decodes what is validly encoded and leaves the rest. So `100%` is a name, and `%2e%2e` is found out. */
const decodeOnce = (text: string) =>
  text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (encoded) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return encoded;
    }
  });

function checkTraversal(path: string): void {
  if (path.startsWith('/')) refuseUnsafe('it must be relative, without a leading slash.');
  if (path.includes('\\')) refuseUnsafe('it must not contain a backslash.');
  if (DRIVE.test(path)) refuseUnsafe('it must not start with a drive letter.');
  if (path.split('/').includes('..')) refuseUnsafe("it must not contain '..'.");
}

/**
 * A file's path without names that mean nothing, as clients' own helpers make them (`./plots`, `a//b`). Throws INVALID_ARGUMENT, whose message
 * begins "Invalid path".
 * Percent-encoded forms are searched for ways out only: `%23` and `%17` stay allowed, because clients name logged images `…%step%23%timestamp%17…`.
 */
export function checkPath(path: string): string {
  if (path === '') refuse('it is empty.');
  if (!path.isWellFormed()) refuse('it is not well-formed Unicode.');
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) refuse(`it is longer than ${MAX_PATH_BYTES} bytes.`);
  if (CONTROL.test(path)) refuse('it must not contain control characters.');
  if (path.includes('#')) refuseUnsafe("it must not contain '#'.");
  let form = path;
  for (let round = 0; ; round++) {
    checkTraversal(form);
    const decoded = decodeOnce(form);
    if (decoded === form) break;
    if (round === MAX_DECODINGS) refuse('it is percent-encoded too many times.');
    form = decoded;
  }
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.');
  if (segments.length === 0) refuse('it is empty.');
  for (const segment of segments) {
    if (Buffer.byteLength(segment) > MAX_SEGMENT_BYTES) refuse(`a name in it is longer than ${MAX_SEGMENT_BYTES} bytes.`);
  }
  return segments.join('/');
}

/** A folder's path without slashes at its end; '' for the root, also written `.`, `./` or nothing. */
export function checkFolder(path: string): string {
  const bare = path.replace(/\/+$/, '');
  if (path.startsWith('/')) refuse('it must be relative, without a leading slash.');
  return bare.split('/').every((segment) => segment === '' || segment === '.') ? '' : checkPath(bare);
}

/** `path` as it came from checkPath or checkFolder; it is checked again, since a wrong key would be another team's data. */
export function objectKeyOf(teamId: number, path: string): ObjectKey {
  const safe = checkFolder(path);
  return (safe === '' ? String(teamId) : `${teamId}/${safe}`) as ObjectKey;
}

/** A key below another, for stores that walk folders. `name` comes from the store, not from a client. */
export const objectKeyBelow = (folder: ObjectKey, name: string): ObjectKey => `${folder}/${name}` as ObjectKey;

export const joinPath = (...parts: string[]): string => parts.filter((part) => part !== '').join('/');
