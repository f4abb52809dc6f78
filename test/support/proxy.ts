// A TCP proxy that can fall silent: it goes on holding its connections, and forwards nothing on them. As after a failover, or behind a broken network.
import { once } from 'node:events';
import net from 'node:net';

export type TestProxy = {
  port: number;
  /** Nothing is forwarded any more, on connections that are there and on new ones. */
  silence(): void;
  /** New connections are served again; those from before stay silent. */
  heal(): void;
  /** Connections that are open to it. */
  open(): number;
  close(): Promise<void>;
};

export async function startProxy(to: { host: string; port: number }): Promise<TestProxy> {
  const pairs = new Set<{ here: net.Socket; there?: net.Socket }>();
  let silent = false;
  const server = net.createServer((here) => {
    const pair: { here: net.Socket; there?: net.Socket } = { here };
    pairs.add(pair);
    here
      .on('error', () => {})
      .on('close', () => {
        pairs.delete(pair);
        pair.there?.destroy();
      });
    if (silent) return;
    const there = net.connect(to.port, to.host);
    pair.there = there;
    there.on('error', () => here.destroy()).on('close', () => here.destroy());
    here.pipe(there);
    there.pipe(here);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as net.AddressInfo).port,
    silence() {
      silent = true;
      for (const { here, there } of pairs) {
        here.unpipe();
        there?.unpipe();
        // What is sent is taken, so that nobody notices.
        here.resume();
        there?.resume();
      }
    },
    heal() {
      silent = false;
    },
    open: () => pairs.size,
    async close() {
      for (const { here, there } of pairs) {
        here.destroy();
        there?.destroy();
      }
      server.close();
      await once(server, 'close');
    },
  };
}

/** The same address, through a proxy. */
export async function throughProxy(address: string): Promise<{ url: string; proxy: TestProxy }> {
  const url = new URL(address);
  const proxy = await startProxy({ host: url.hostname, port: Number(url.port) });
  url.host = `127.0.0.1:${proxy.port}`;
  return { url: url.href, proxy };
}
