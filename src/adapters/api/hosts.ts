const loopbackNames = ['127.0.0.1', 'localhost', '[::1]'];

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);

export interface OwnNames {
  /** The address that is listened on. */
  readonly host: string;
  readonly hostNames: readonly string[];
}

/**
 * Whether a request's `Host` names this server. A page that a browser loaded from a foreign name which was then pointed to
 * this address (DNS rebinding) sends that name. Off the loopback all names are taken unless some are configured.
 */
export function createHostCheck({ host, hostNames }: OwnNames): (header: string | undefined) => boolean {
  const loopback = isLoopback(host);
  if (!loopback && hostNames.length === 0) return (header) => header !== undefined;
  const own = host.includes(':') ? `[${host}]` : host;
  const names = new Set([own, ...(loopback ? loopbackNames : []), ...hostNames].map((name) => name.toLowerCase()));
  return (header) => {
    const name = /^(\[[0-9a-f:.]+\]|[^:@/\s]+)(:\d{1,5})?$/i.exec(header ?? '')?.[1];
    return name !== undefined && names.has(name.toLowerCase());
  };
}
