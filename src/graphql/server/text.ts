// Refuses text that can't be stored, wherever it stands in a request. Postgres has no NUL, and half of a surrogate pair is no character.
import { type DocumentNode, Kind, visit } from 'graphql';
import { isText } from '../../domain/limits.ts';
import { invalid, limitExceeded } from '../../lib/errors.ts';

/** How deep lists and objects may nest in values: what reads them recurses. */
const MAX_DEPTH = 100;
const tooDeep = () => limitExceeded(`Values nest at most ${MAX_DEPTH} deep.`, { argument: 'variables' });

const refuse = (where: string) =>
  invalid(`The text in ${where} holds a NUL character or half of a surrogate pair. Send valid Unicode text.`, { argument: where });

/** Throws INVALID_ARGUMENT naming the place, e.g. `variables.input.name`. */
export function checkVariables(value: unknown, where = 'variables', depth = 0): void {
  if (depth > MAX_DEPTH) throw tooDeep();
  if (typeof value === 'string') {
    if (!isText(value)) throw refuse(where);
  } else if (Array.isArray(value)) {
    value.forEach((item, index) => {
      checkVariables(item, `${where}.${index}`, depth + 1);
    });
  } else if (value !== null && typeof value === 'object') {
    for (const [key, item] of Object.entries(value)) checkVariables(item, `${where}.${key}`, depth + 1);
  }
}

/** Throws INVALID_ARGUMENT. */
export function checkLiterals(document: DocumentNode): void {
  let depth = 0;
  const nested = {
    enter() {
      depth += 1;
      if (depth > MAX_DEPTH) throw tooDeep();
    },
    leave() {
      depth -= 1;
    },
  };
  visit(document, {
    [Kind.LIST]: nested,
    [Kind.OBJECT]: nested,
    [Kind.STRING](node) {
      if (!isText(node.value)) throw refuse('the query');
    },
  });
}
