import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { buildConnector } from 'undici';
import { createChatSink } from '../../adapters/chat/chat-sink';
import { systemClock } from '../../adapters/clock';
import { createWebhookSink } from '../../adapters/http-output/webhook-sink';
import { createPoster, type Poster } from '../../adapters/http-post';
import { resolveSecret } from '../../adapters/secrets';
import { createSplunkSink } from '../../adapters/splunk/hec';
import { createSyslogDatagramSink } from '../../adapters/syslog/datagram';
import { createSyslogStreamSink } from '../../adapters/syslog/stream';
import type { RejectDocument } from '../../adapters/undelivered';
import { guardedConnector } from '../../adapters/webhook/address-guard';
import { addressRules } from '../../adapters/webhook/address-rules';
import { parseSecrets } from '../../adapters/webhook/sign';
import { webhookUrlFault } from '../../adapters/webhook/webhook';
import type { ChatOutput } from '../../config/outputs/chat';
import type { SplunkOutput } from '../../config/outputs/splunk';
import type { SyslogOutput } from '../../config/outputs/syslog';
import type { WebhookOutput } from '../../config/outputs/webhook';
import type { AlertSink } from '../../ports';

/** How long one write waits for Splunk's indexers before it fails and is resumed: a stop waits no longer than this. */
const ACK_WAIT_MS = 20_000;

export function splunkSinkOf(output: SplunkOutput, onReject: RejectDocument): AlertSink {
  const { url, tls, timeout, index } = output;
  const { host, protocol, username, password } = new URL(url);
  if (protocol === 'http:' && !output.allowHttp) throw new Error('alerts[].url (splunk): http: needs allowHttp');
  if (username !== '' || password !== '') throw new Error('alerts[].url (splunk): no user or password in it');
  const ca = tls === undefined ? {} : { ca: fileOf('alerts[].tls.caFile', tls.caFile) };
  return createSplunkSink({
    name: ['splunk', host, ...(index === undefined ? [] : [index])].join(':'),
    poster: createPoster({
      url,
      connect: buildConnector({ timeout, ...ca }),
      timeoutMs: timeout,
      now: systemClock.now,
    }),
    token: resolveSecret(output.tokenFrom),
    index,
    source: output.source,
    sourcetype: output.sourcetype,
    host: output.host ?? hostname(),
    ack: output.acknowledge ? { waitMs: ACK_WAIT_MS, timeoutMs: output.ackTimeout } : undefined,
    clock: systemClock,
    onReject,
  });
}

/** @param version of keywatch, for the header of CEF */
export function syslogSinkOf(output: SyslogOutput, version: string): AlertSink {
  const { protocol, host, timeout, facility } = output;
  const port = output.port ?? (protocol === 'tls' ? 6_514 : 514);
  const frame = {
    name: `syslog:${protocol}:${host}:${port}`,
    host,
    port,
    facility,
    version,
    hostname: output.hostname ?? hostname(),
    maxBytes: output.maxBytes ?? (protocol === 'udp' ? 2_048 : 8_192),
  };
  if (protocol === 'udp') return createSyslogDatagramSink(frame);
  return createSyslogStreamSink({
    ...frame,
    tls: protocol === 'tls' ? tlsOf(output.tls) : undefined,
    timeoutMs: timeout,
  });
}

export function webhookSinkOf(output: WebhookOutput, onReject: RejectDocument): AlertSink {
  const { url, tokenFrom, secretFrom } = output;
  return createWebhookSink({
    name: `webhook:${new URL(url).host}:${short(url)}`,
    poster: guardedPoster(url, output, 'alerts[] (webhook)'),
    format: output.format,
    source: output.source,
    token: tokenFrom === undefined ? undefined : resolveSecret(tokenFrom),
    secrets: secretFrom === undefined ? [] : parseSecrets(resolveSecret(secretFrom)),
    clock: systemClock,
    onReject,
  });
}

export function chatSinkOf(output: ChatOutput, onReject: RejectDocument): AlertSink {
  const url = resolveSecret(output.urlFrom);
  return createChatSink({
    // The URL itself is a secret.
    name: `chat:${output.style}:${short(url)}`,
    poster: guardedPoster(url, output, 'alerts[] (chat)'),
    style: output.style,
    links: output.links,
    onReject,
  });
}

type Guarded = Pick<WebhookOutput, 'allowPrivate' | 'allowHttp' | 'timeout'>;

/** Reaches open addresses only, as the suspension webhook does. Throws, repeating nothing of it, on an unfit URL. */
export function guardedPoster(url: string, { allowPrivate, allowHttp, timeout }: Guarded, setting: string): Poster {
  const isOpen = addressRules(allowPrivate, `${setting}.allowPrivate`);
  const fault = webhookUrlFault(url, allowHttp, isOpen, setting);
  if (fault !== undefined) throw new Error(fault);
  const connect = guardedConnector(isOpen, timeout, undefined, `${setting}.allowPrivate`);
  return createPoster({ url, connect, timeoutMs: timeout, now: systemClock.now });
}

/** Tells outputs apart whose URLs must not be shown. */
const short = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);

/** TLS of a syslog output; throws, naming the path, where a file cannot be read. */
export function tlsOf(tls: SyslogOutput['tls']) {
  return {
    ...(tls?.caFile === undefined ? {} : { ca: fileOf('alerts[].tls.caFile', tls.caFile) }),
    ...(tls?.certFile === undefined ? {} : { cert: fileOf('alerts[].tls.certFile', tls.certFile) }),
    ...(tls?.keyFile === undefined ? {} : { key: fileOf('alerts[].tls.keyFile', tls.keyFile) }),
    ...(tls?.serverName === undefined ? {} : { servername: tls.serverName }),
  };
}

export function fileOf(setting: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`${setting}: cannot read ${path}: ${(error as NodeJS.ErrnoException).code ?? 'failed'}`);
  }
}
