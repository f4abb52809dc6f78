// Which addresses the server may call on behalf of a user: public ones. Keeps webhooks from reaching what only the server can reach (SSRF).
import { type LookupAddress, lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

// IANA special-purpose registries: everything that isn't globally reachable unicast.
const REFUSED_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
];
// Within 2000::/3: IETF protocols with Teredo, documentation, and 6to4, which carries an IPv4 address inside.
const REFUSED_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

function blockList(family: 'ipv4' | 'ipv6', ranges: string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network, bits] = range.split('/') as [string, string];
    list.addSubnet(network, Number(bits), family);
  }
  return list;
}
const refused4 = blockList('ipv4', REFUSED_V4);
const refused6 = blockList('ipv6', REFUSED_V6);
// The one block that public IPv6 addresses come from; leaves out loopback, link-local, unique local, multicast and IPv4-mapped ones.
const global6 = blockList('ipv6', ['2000::/3']);

export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !refused4.check(address, 'ipv4');
    case 6:
      return global6.check(address, 'ipv6') && !refused6.check(address, 'ipv6');
    default:
      return false;
  }
}

export class PrivateAddress extends Error {
  readonly address: string;
  constructor(hostname: string, address: string) {
    super(`'${hostname}' resolves to ${address}, which is not a public address.`);
    this.address = address;
  }
}

/** The host of a parsed URL without the brackets of IPv6. URL has already turned 0x7f.1 and 2130706433 into 127.0.0.1. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[(.*)\]$/, '$1');

/** Throws PrivateAddress for a literal; names are looked at when they are resolved. */
export function checkLiteral(hostname: string): void {
  if (isIP(hostname) !== 0 && !isPublicAddress(hostname)) throw new PrivateAddress(hostname, hostname);
}

/**
 * Resolves like dns.lookup and fails with PrivateAddress if any of the addresses isn't public. Given to a request, it pins what was checked:
 * the connection goes to these addresses and nothing is resolved again.
 */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
    if (error) return callback(error, []);
    const bad = found.find(({ address }) => !isPublicAddress(address));
    if (bad) return callback(new PrivateAddress(hostname, bad.address), []);
    if (options.all) return callback(null, found);
    callback(null, found[0]!.address, found[0]!.family);
  });
};

/** Resolves when every address of the host is public. Throws PrivateAddress, or the resolver's error. */
export async function requirePublicHost(hostname: string): Promise<void> {
  checkLiteral(hostname);
  if (isIP(hostname) !== 0) return;
  await new Promise<void>((resolve, reject) => {
    publicLookup(hostname, { all: true }, (error) => (error ? reject(error) : resolve()));
  });
}
