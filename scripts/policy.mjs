// The page's copy of the table of who may do what: read from the server's (src/auth/policy.ts), since the page imports nothing of the server.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const FROM = 'src/auth/policy.ts';
const TO = 'web/src/api/policy.gen.ts';

function tableOf(source) {
  const roles = /export const ROLES = \[([^\]]*)\]/.exec(source)?.[1].match(/\w+/g) ?? [];
  const body = /const LEAST_ROLE = \{([^}]*)\}/.exec(source)?.[1] ?? '';
  const actions = [...body.matchAll(/'([\w:-]+)': '(\w+)'/g)].map(([, action, role]) => [action, role]);
  const read = actions.every(([, role]) => roles.includes(role)) && actions.length === body.split('\n').filter((line) => line.includes(':')).length;
  if (roles.length === 0 || actions.length === 0 || !read)
    throw new Error(`${FROM} does not have its table in the form that scripts/policy.mjs reads: ROLES as a list, LEAST_ROLE as 'action': 'ROLE'.`);
  return { roles, actions };
}

export function writePolicy() {
  const { roles, actions } = tableOf(readFileSync(FROM, 'utf8'));
  const list = (names) => `[${names.map((name) => `'${name}'`).join(', ')}]`;
  const text = `// Generated from ${FROM} by \`npm run generate\`: which roles may do what.
export const ALLOWED = {
${actions.map(([action, least]) => `  '${action}': ${list(roles.slice(roles.indexOf(least)))},`).join('\n')}
} as const;
`;
  // Written only where it differs, so that a build isn't taken for old.
  if (!existsSync(TO) || readFileSync(TO, 'utf8') !== text) writeFileSync(TO, text);
}
