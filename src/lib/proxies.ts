// Which proxies an operator trusts, what those say of a request, and which pages elsewhere may ask in a browser.
import type { IncomingHttpHeaders } from 'node:http';
import net from 'node:net';

/** A number of hops from here, or a test for addresses. */
export type TrustedProxies = number | ((address: string) => boolean);

const NAMED: Record<string, string[]> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};

const bare = (address: string) => address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');

/** `2`, or `10.0.0.5, 10.1.0.0/16, loopback`; undefined for anything else. */
export function parseTrust(text: string): TrustedProxies | undefined {
  if (/^\d{1,2}$/.test(text.trim())) return Number(text);
  const list = new net.BlockList();
  for (const given of text.split(',').flatMap((one) => NAMED[one.trim().toLowerCase()] ?? [one.trim()])) {
    const [address = '', bits, ...rest] = given.split('/');
    const family = net.isIP(address) === 4 ? 'ipv4' : 'ipv6';
    const most = family === 'ipv4' ? 32 : 128;
    if (net.isIP(address) === 0 || rest.length > 0 || (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= most))) return undefined;
    list.addSubnet(address, bits === undefined ? most : Number(bits), family);
  }
  return (address) => {
    const plain = bare(address);
    const family = net.isIP(plain);
    return family !== 0 && list.check(plain, family === 4 ? 'ipv4' : 'ipv6');
  };
}

/** Exact origins, or `*`; undefined for anything else, addresses with a path among it. */
export function parseOrigins(text: string): string[] | undefined {
  const origins = text
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);
  if (origins.includes('*')) return origins.length === 1 ? origins : undefined;
  const isOrigin = (text: string) =>
    URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && !text.includes('*') && new URL(text).origin === text.toLowerCase();
  return origins.every(isOrigin) ? origins.map((origin) => origin.toLowerCase()) : undefined;
}

/** Whether what `address` says is believed; `hop` counts from 0, the connection itself. */
export const isTrusted = (trust: TrustedProxies, address: string, hop: number): boolean => (typeof trust === 'number' ? hop < trust : trust(address));

type Raw = { headers: IncomingHttpHeaders; socket: { remoteAddress?: string | undefined } };
const header = ({ headers }: Raw, name: string): string | undefined => {
  const given = [headers[name]].flat().join(',');
  // The last is the nearest proxy's word.
  return given.split(',').at(-1)?.trim() || undefined;
};

/** The address that the nearest untrusted party connected from. */
export function clientAddress(trust: TrustedProxies, raw: Raw): string | null {
  const chain = [
    raw.socket.remoteAddress ?? '',
    ...[raw.headers['x-forwarded-for']]
      .flat()
      .join(',')
      .split(',')
      .map((one) => one.trim())
      .reverse(),
  ];
  const known = chain.filter((address, index) => index === 0 || address !== '');
  let hop = 0;
  while (hop < known.length - 1 && isTrusted(trust, known[hop]!, hop)) hop += 1;
  return known[hop] || null;
}

export type Forwarded = { origin: string | undefined; prefix: string };

/** Where the client reaches the server, as a trusted proxy says; nothing of it from anybody else. */
export function forwarded(trust: TrustedProxies, raw: Raw): Forwarded {
  if (!isTrusted(trust, raw.socket.remoteAddress ?? '', 0)) return { origin: undefined, prefix: '' };
  const proto = header(raw, 'x-forwarded-proto')?.toLowerCase();
  const host = header(raw, 'x-forwarded-host') ?? (proto ? raw.headers.host : undefined);
  const prefix = header(raw, 'x-forwarded-prefix')?.replace(/\/+$/, '') ?? '';
  const isHost = host !== undefined && /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i.test(host);
  const scheme = proto === 'https' || proto === 'http' ? proto : 'http';
  return {
    origin: isHost ? `${scheme}://${host}` : undefined,
    prefix: /^(?:\/[\w.~-]+)+$/.test(prefix) && !prefix.split('/').some((part) => /^\.+$/.test(part)) ? prefix : '',
  };
}
