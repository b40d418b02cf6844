import { buildConnector } from 'undici';
import { appendable } from '../adapters/doctor/disk';
import { elasticsearchFindings } from '../adapters/doctor/elasticsearch';
import type { Examined } from '../adapters/doctor/examined';
import { CHECK_MS, type Finding } from '../adapters/doctor/finding';
import { brokersReachable, loginAccepted, topicExists } from '../adapters/doctor/kafka';
import { syslogReceives, webhookPlace } from '../adapters/doctor/network';
import { splunkFindings } from '../adapters/doctor/splunk';
import { persistent } from '../adapters/elasticsearch/client';
import { resolveSecret } from '../adapters/secrets';
import type { Config } from '../config';
import { doctorKafka } from './doctor-kafka';
import { elasticsearchOf } from './outputs/elasticsearch';
import { fileOf, tlsOf } from './outputs/siem';

type Output = Config['alerts' | 'deadLetters'][number];

const only = (...findings: readonly Finding[]): Examined => ({ findings, clocks: [] });

/** @param at its place in the configuration, such as `alerts[0]` */
export async function outputFindings(output: Output, at: string, now: () => number): Promise<Examined> {
  switch (output.kind) {
    case 'console':
      return only();
    case 'file':
      return only(await appendable(`file ${at}`, output.path));
    case 'kafka':
      return only(...(await kafkaFindings(output)).map((finding) => ({ ...finding, check: `${at} ${finding.check}` })));
    case 'elasticsearch': {
      const requestTimeout = Math.min(output.requestTimeout, CHECK_MS - 500);
      const client = elasticsearchOf({ ...output, requestTimeout });
      // One node of several may be down.
      const elasticsearch = persistent(client, output.nodes.length + 1);
      const { namespace, ilmPolicy } = output;
      const retention = ilmPolicy === undefined ? { retentionMs: output.retention } : { ilmPolicy };
      try {
        const host = new URL(output.nodes[0]).host;
        return await elasticsearchFindings({ elasticsearch, host, namespace, retention }, now);
      } finally {
        await elasticsearch.close();
      }
    }
    case 'splunk': {
      const ca = output.tls === undefined ? {} : { ca: fileOf(`${at}.tls.caFile`, output.tls.caFile) };
      const connect = buildConnector({ timeout: CHECK_MS, ...ca });
      return splunkFindings({ url: output.url, token: resolveSecret(output.tokenFrom), connect }, now);
    }
    case 'syslog':
      return only(await syslogReceives(output, output.protocol === 'tls' ? tlsOf(output.tls) : {}));
    case 'webhook':
      return only(await webhookPlace({ ...output, check: `webhook ${new URL(output.url).host}`, setting: at }));
    case 'chat':
      // The URL itself is a secret, its host with it.
      return only(
        await webhookPlace({
          ...output,
          url: resolveSecret(output.urlFrom),
          check: `chat ${output.style}`,
          setting: at,
        }),
      );
  }
}

async function kafkaFindings(output: Extract<Output, { kind: 'kafka' }>): Promise<readonly Finding[]> {
  const kafka = doctorKafka(output);
  const reached = await brokersReachable(output);
  if (reached.standing === 'failed') return [reached];
  const accepted = await loginAccepted(kafka, output);
  if (accepted.standing === 'failed') return [reached, accepted];
  const { partitions: _, ...topic } = await topicExists(kafka, output.topic);
  return [reached, accepted, topic];
}

/** Where suspensions go, in dry run too: releases may still be owed. */
export async function enforcementFindings({ enforce }: Config): Promise<readonly Finding[]> {
  const { webhook, via } = enforce;
  if (via !== undefined) {
    const url = 'url' in via ? via.url : 'endpoint' in via ? via.endpoint : undefined;
    if (url === undefined) return [];
    return [await webhookPlace({ ...via, url, check: `enforcer ${via.kind}`, setting: 'enforce.via' })];
  }
  if (webhook === undefined) return [];
  const check = `suspension webhook ${new URL(webhook.url).host}`;
  return [await webhookPlace({ ...webhook, check, setting: 'enforce.webhook' })];
}
