import { createHash } from 'node:crypto';
import type { AlertDocument } from '../../domain/alert';
import type { AlertSink, Clock } from '../../ports';
import { isSuccess, type Poster, refusal } from '../http-post';
import { cloudEventHeaders } from '../siem/cloudevents';
import { type DocumentFormat, formatted } from '../siem/format';
import { createTurns } from '../turns';
import type { RejectDocument } from '../undelivered';
import { createUnfinished } from '../unfinished';
import { sign, type WebhookSecret } from '../webhook/sign';

/** The receiver says that this body is at fault, and would say so again. */
const CONTENT_FAULTS = new Set([400, 413, 422]);

export interface WebhookSinkOptions {
  readonly name: string;
  readonly poster: Poster;
  readonly format: DocumentFormat;
  /** `ce-source`. */
  readonly source: string;
  /** For `Authorization: Bearer`; undefined for none. */
  readonly token: string | undefined;
  /** Signs as Standard Webhooks do; none where it is empty. */
  readonly secrets: readonly WebhookSecret[];
  readonly clock: Pick<Clock, 'now'>;
  readonly onReject: RejectDocument;
}

/**
 * One POST a document, in order: CloudEvents 1.0 in binary mode, optionally signed (Standard Webhooks; `webhook-id` is
 * `event.id`). `write` resolves when each was answered with a 2xx. A document that the receiver refuses for its content
 * (400, 413, 422) goes to `onReject`; any other answer is tried again.
 */
export function createWebhookSink(options: WebhookSinkOptions): AlertSink {
  const { name, poster, source, token, secrets, clock, onReject } = options;
  const inTurn = createTurns();
  const unfinished = createUnfinished();
  const format = formatted(options.format);

  async function send(document: AlertDocument): Promise<void> {
    const body = JSON.stringify(format(document));
    const headers = {
      ...cloudEventHeaders(document, source),
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(secrets.length === 0 ? {} : signature(document, body)),
    };
    const answer = await poster.post('', headers, body);
    if (isSuccess(answer)) return;
    if (!CONTENT_FAULTS.has(answer.status)) throw refusal(answer);
    await onReject(name, document, `HTTP ${answer.status}`);
  }

  function signature(document: AlertDocument, body: string): Readonly<Record<string, string>> {
    const id = webhookId(document.event.id);
    const seconds = Math.floor(clock.now() / 1_000);
    return {
      'webhook-id': id,
      'webhook-timestamp': String(seconds),
      'webhook-signature': sign(secrets, id, seconds, body),
    };
  }

  return {
    name,
    write: (documents) =>
      inTurn(async () => {
        for (const document of unfinished.rest(documents)) {
          await send(document);
          unfinished.have([document]);
        }
        unfinished.finish();
      }),
    close: () => inTurn(() => poster.close()),
  };
}

/** The id itself, or a hash of one that has a dot or another character which a `webhook-id` must not have. */
const webhookId = (id: string): string =>
  /^[A-Za-z0-9_-]{1,256}$/.test(id) ? id : createHash('sha256').update(id).digest('hex');
