// What connections to the database call themselves: the database lets write by it (migration 0085), and operators see it in pg_stat_activity.

/** Of servers that keep the same rules when they write. See generation.ts. */
export const GENERATION = 2;

/** How a connection tells its generation: by its application_name, which poolers pass on. A name in the address is kept behind it. */
export function identified(connectionString: string, part = ''): { connectionString: string; application_name: string } {
  const url = new URL(connectionString);
  const own = url.searchParams.get('application_name');
  url.searchParams.delete('application_name');
  const name = [`runledger/${GENERATION}`, part, own].filter(Boolean).join(' ').slice(0, 63);
  return { connectionString: own === null ? connectionString : url.href, application_name: name };
}
