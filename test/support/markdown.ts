/** Just enough Markdown and shell to hold the documentation to the code. */

export interface Block {
  readonly language: string;
  readonly text: string;
}

/** Fenced blocks, also those indented within a list. */
export const blocksOf = (markdown: string): Block[] =>
  [...markdown.matchAll(/^( *)```(\w*)\n([\s\S]*?)^\1```$/gm)].map(([, indent, language, body]) => ({
    language,
    text: body.replace(new RegExp(`^${indent}`, 'gm'), ''),
  }));

const withoutBlocks = (markdown: string): string => markdown.replace(/^( *)```[\s\S]*?^\1```$/gm, '');

/** Targets of links, of both kinds: pages and files. */
export const linksOf = (markdown: string): string[] =>
  [...withoutBlocks(markdown).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]);

/** Anchors of the headings, as GitHub makes them. */
export const anchorsOf = (markdown: string): string[] =>
  [...withoutBlocks(markdown).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

/** Cells of all table rows whose first cell begins with code, without the marks around it. */
export const rowsOf = (markdown: string): string[][] =>
  [...withoutBlocks(markdown).matchAll(/^\|(.*)\|$/gm)]
    .map(([, row]) => row.split('|').map((cell) => cell.trim()))
    .filter(([first]) => first.startsWith('`'));

/** The part of a page from this heading to the next of the same or a higher level. */
export const sectionOf = (markdown: string, heading: string): string => {
  const start = markdown.indexOf(`${heading}\n`);
  if (start < 0) throw new Error(`no heading ${heading}`);
  const level = heading.indexOf(' ');
  const rest = markdown.slice(start + heading.length);
  const end = rest.search(new RegExp(`^#{1,${level}} `, 'm'));
  return end < 0 ? rest : rest.slice(0, end);
};

/** Simple commands of a shell text as words: without comments, redirections, and what only surrounds them. */
export function commandsOf(shell: string): string[][] {
  const commands: string[][] = [];
  for (const line of shell.replaceAll('\\\n', ' ').split('\n')) {
    const tokens = line.match(/(?:"[^"]*"|'[^']*'|[^\s"'|&;#<>]|(?<=\S)#)+|[|&;<>]+|#.*/g) ?? [];
    let words: string[] = [];
    for (let i = 0; i < tokens.length && !tokens[i].startsWith('#'); i++) {
      if (/^[<>]+$/.test(tokens[i])) i++;
      else if (/^[|&;]+$/.test(tokens[i])) {
        commands.push(words);
        words = [];
      } else if (words.length > 0 || !['$', 'time'].includes(tokens[i])) {
        words.push(tokens[i].replace(/"([^"]*)"|'([^']*)'/g, '$1$2'));
      }
    }
    commands.push(words);
  }
  return commands.filter((words) => words.length > 0);
}
