/** Replaces what HTML gives a meaning by entities. */
export function escape(text: string): string;
