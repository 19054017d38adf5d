import { splitWords } from "../../src/config/words_kind.ts";

/** A command line of a document. */
export interface DocumentCommand {
  /** As it is written. */
  readonly text: string;
  /** Without `liveroll`; placeholders have a value where one has to be read. */
  readonly args: readonly string[];
  /** It is named in a sentence, where what everybody has to give may be left out. */
  readonly isNamed: boolean;
}

/** A piece of a command line, white space between pieces, or the end of a line. */
const PIECES = /(?:"(?:[^"\\]|\\.)*"|'[^']*'|\\[^\n]|[^\s"'\\])+|(?:[^\S\n]|\\\n)+|\n/gs;

/** What ends a command of a shell. */
const END = /^(?:\n|[|;&>#]|\d>)/;

/** Every `liveroll …` of a document: in its blocks, and between backticks in its sentences. */
export function commandsIn(document: string): DocumentCommand[] {
  const blocks = [...document.matchAll(/^ *```sh\n(.*?)^ *```$/gms)].map(([, block = ""]) => block);
  const prose = document.replaceAll(/^ *```.*?^ *```$/gms, "");
  const indented = prose.match(/^ {4}.*(?:\n {4}.*)*/gm) ?? [];
  const spans = prose.replaceAll(/^ {4}.*$/gm, "").matchAll(/(?<!`)`((?:[^`\n]|\n(?!\n))+)`/g);
  return [
    ...[...blocks, ...indented].flatMap(inBlock),
    ...[...spans].flatMap(([, span = ""]) => inSentence(span)),
  ];
}

function inBlock(block: string): DocumentCommand[] {
  return [...block.matchAll(/^ *liveroll\b/gm)].map(({ index, 0: { length } }) => {
    const rest = pieces(block.slice(index + length));
    const args = rest.flatMap((piece, at) => argument(piece, rest[at - 1] ?? ""));
    return { text: `liveroll ${rest.join(" ")}`, args, isNamed: false };
  });
}

function inSentence(span: string): DocumentCommand[] {
  if (!/^liveroll(\s|$)/.test(span)) return [];
  // What is in brackets may be given.
  const rest = pieces(span.slice("liveroll".length).replaceAll(/[\n[\]]/g, " "));
  const args = rest.filter((piece) => !/^(?:…|\.\.\.)$/.test(piece)).flatMap(splitWords);
  return [{ text: `liveroll ${rest.join(" ")}`, args, isNamed: true }];
}

function pieces(text: string): string[] {
  const all = text.match(PIECES) ?? [];
  const end = all.findIndex((piece) => END.test(piece));
  return all.slice(0, end === -1 ? undefined : end).filter((piece) => !/^[\s\\]+$/.test(piece));
}

function argument(piece: string, before: string): readonly string[] {
  if (before.startsWith("--")) return splitWords(piece);
  // What everybody has to give.
  if (/^(?:…|\.\.\.)$/.test(piece)) return ["--pull=p", "--id=i", "--exec=e"];
  return /^[A-Z]+$/.test(piece) ? ["17"] : splitWords(piece);
}
