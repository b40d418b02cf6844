import type { AlertDocument } from '../../domain/alert';
import { type LinkTemplates, linksOf } from './links';
import { messageOf } from './message';

/**
 * The document as a message for a Slack incoming webhook, in Block Kit. `&`, `<` and `>` of all texts are escaped, so no
 * text can mention a channel, a group or a person or hide a link behind other words; `verbatim` keeps Slack from making
 * links and mentions of plain text; marks of emphasis and `://` are parted by a zero-width space. Links are buttons, and
 * lead only where the configuration says.
 */
export function slackMessage(document: AlertDocument, templates: LinkTemplates): object {
  const { title, reason, facts, evidence, footer } = messageOf(document);
  const links = linksOf(document, templates);
  return {
    // Notifications and old clients show this alone.
    text: escaped(`${title}. ${reason}`),
    link_names: false,
    parse: 'none',
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: 'section', text: mrkdwn(`*${escaped(title)}*\n${escaped(reason)}`) },
      { type: 'section', fields: facts.map(([name, value]) => mrkdwn(`*${name}*\n${escaped(value)}`)) },
      ...(evidence.length === 0
        ? []
        : [{ type: 'section', text: mrkdwn(evidence.map((line) => `• ${escaped(line)}`).join('\n')) }]),
      ...(links.length === 0
        ? []
        : [
            {
              type: 'actions',
              elements: links.map(({ title: text, url }) => ({
                type: 'button',
                text: { type: 'plain_text', text, emoji: false },
                url,
              })),
            },
          ]),
      { type: 'context', elements: [mrkdwn(escaped(footer))] },
    ],
  };
}

/** A section's text has room for 3,000 characters, a field for 2,000; what messageOf bounds stays below, escaped too. */
export const mrkdwn = (text: string) => ({ type: 'mrkdwn', text: cutEscaped(text, 2_900), verbatim: true });

/** Never ends within an entity. */
const cutEscaped = (text: string, max: number): string =>
  text.length <= max ? text : `${text.slice(0, max - 1).replace(/&[a-z]{0,3}$/, '')}…`;

export const escaped = (text: string): string =>
  text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[*_~`@#]|:\/\//g, (mark) => (mark === '://' ? ':\u200b//' : `${mark}\u200b`));
