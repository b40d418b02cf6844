/** `*` stands for any characters. Greedy matching piece by piece: no backtracking, linear time, whatever the pattern. */
export function globFits(pattern: string, text: string): boolean {
  const pieces = pattern.split('*');
  const head = pieces[0];
  if (pieces.length === 1) return text === pattern;
  const tail = pieces[pieces.length - 1];
  if (!text.startsWith(head) || !text.endsWith(tail) || text.length < head.length + tail.length) return false;
  let at = head.length;
  const end = text.length - tail.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, at);
    if (found < 0 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}
