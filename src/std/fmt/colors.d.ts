export function bold(text: string): string;
export function brightBlue(text: string): string;
export function cyan(text: string): string;
export function dim(text: string): string;
export function green(text: string): string;
export function magenta(text: string): string;
export function red(text: string): string;
export function yellow(text: string): string;
/** Removes ANSI escape sequences. */
export function stripAnsiCode(text: string): string;
export function getColorEnabled(): boolean;
export function setColorEnabled(value: boolean): void;
