/** Tells whether `host`, without a port, can only be reached from this host. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, "$1");
  return name === "localhost" || /^127(\.\d{1,3}){3}$/.test(name) || isLoopback6(name);
}

function isLoopback6(name: string): boolean {
  if (!name.includes(":") || !URL.canParse(`http://[${name}]/`)) return false;
  const shortest = new URL(`http://[${name}]/`).hostname;
  // 127.0.0.0/8, mapped.
  return shortest === "[::1]" || /^\[::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4}\]$/.test(shortest);
}
