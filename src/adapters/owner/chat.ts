import { isSuccess, type Poster, refusal } from '../http-post';
import { escaped, mrkdwn } from '../siem/slack';
import { run, runs } from '../siem/teams';
import { plain } from '../siem/text';
import { RefusedAddress } from '../webhook/address-guard';
import type { OwnerMessage, OwnerWay } from './way';

export type ChatStyle = keyof typeof messages;

export interface ChatWayOptions {
  readonly style: ChatStyle;
  /** The URL of the webhook for an owner, as the inventory names him. */
  readonly urlOf: (owner: string) => string | undefined;
  /** By URL; closed with the output. */
  readonly posters: ReadonlyMap<string, Poster>;
}

/** Will be said again of this message or this hook: what one owner removed must not hold up what the others are told. */
const LASTING = new Set([400, 403, 404, 410, 413, 422]);

/**
 * Owners are told by incoming webhooks of Slack or Teams, one message each. A service has no ids: after a crash a message
 * may appear twice, with the same links.
 */
export function chatWay({ style, urlOf, posters }: ChatWayOptions): OwnerWay {
  return {
    name: 'owners:chat',
    placeOf: urlOf,
    async send(url, message) {
      try {
        const body = JSON.stringify(messages[style](message));
        const answer = await posters.get(url)!.post('', { 'content-type': 'application/json' }, body);
        if (isSuccess(answer)) return 'sent';
        if (LASTING.has(answer.status)) return 'refused';
        throw refusal(answer);
      } catch (error) {
        if (error instanceof RefusedAddress) return 'refused';
        throw error;
      }
    },
    async close() {
      await Promise.all([...posters.values()].map((poster) => poster.close()));
    },
  };
}

const texts = ({ title, reason, until }: OwnerMessage) => ({
  title: plain(title, 140),
  reason: plain(reason, 600),
  footer: `The links are good once, until ${until}. Each opens a page that says what will happen; nothing happens before you confirm. They need no password: do not pass this message on.`,
});

/** Texts are escaped as those of alerts are; links are buttons and lead only to `owner.url`. */
const slackMessage = (message: OwnerMessage): object => {
  const { title, reason, footer } = texts(message);
  return {
    text: escaped(`${title}. ${reason}`),
    link_names: false,
    parse: 'none',
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: 'section', text: mrkdwn(`*${escaped(title)}*\n${escaped(reason)}`) },
      {
        type: 'actions',
        elements: message.links.map(({ button, url }) => ({
          type: 'button',
          text: { type: 'plain_text', text: button, emoji: false },
          url,
        })),
      },
      { type: 'context', elements: [mrkdwn(escaped(footer))] },
    ],
  };
};

const teamsMessage = (message: OwnerMessage): object => {
  const { title, reason, footer } = texts(message);
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [
            runs([run(title, { weight: 'Bolder', size: 'Medium' })]),
            runs([run(reason)]),
            runs([run(footer, { isSubtle: true, size: 'Small' })]),
          ],
          actions: message.links.map(({ button, url }) => ({ type: 'Action.OpenUrl', title: button, url })),
        },
      },
    ],
  };
};

const messages = { slack: slackMessage, teams: teamsMessage } as const;
