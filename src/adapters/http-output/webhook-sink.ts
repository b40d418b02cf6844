import { createHash } from 'node:crypto';
import type { AlertDocument } from '../../domain/alert';
import type { AlertSink, Clock } from '../../ports';
import type { Poster } from '../http-post';
import { createPostingSink } from '../posting-sink';
import { cloudEventHeaders } from '../siem/cloudevents';
import { type DocumentFormat, formatted } from '../siem/format';
import type { RejectDocument } from '../undelivered';
import { sign, type WebhookSecret } from '../webhook/sign';

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
  const format = formatted(options.format);

  function signature(document: AlertDocument, body: string): Readonly<Record<string, string>> {
    const id = webhookId(document.event.id);
    const seconds = Math.floor(clock.now() / 1_000);
    return {
      'webhook-id': id,
      'webhook-timestamp': String(seconds),
      'webhook-signature': sign(secrets, id, seconds, body),
    };
  }

  return createPostingSink({
    name,
    poster,
    onReject,
    requestOf: (document) => {
      const body = JSON.stringify(format(document));
      const headers = {
        ...cloudEventHeaders(document, source),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(secrets.length === 0 ? {} : signature(document, body)),
      };
      return { headers, body };
    },
  });
}

/** The id itself, or a hash of one that has a dot or another character which a `webhook-id` must not have. */
const webhookId = (id: string): string =>
  /^[A-Za-z0-9_-]{1,256}$/.test(id) ? id : createHash('sha256').update(id).digest('hex');
