/**
 * Runs in a page: finds what stands in the way of people. Contrast is computed as WCAG 2 does.
 */
export function findBarriers() {
  const LEAST_CONTRAST = 4.5;

  const all = [...document.querySelectorAll("body *")].filter(isShown);

  return {
    nameless: all.filter((el) => el.matches("button, input, a[href], summary, dialog, svg[role]"))
      .filter((el) => nameOf(el) === "").map(describe),
    pale: all.filter(hasOwnText).filter((el) => contrast(el) < LEAST_CONTRAST)
      .map((el) => `${describe(el)} ${contrast(el).toFixed(2)}`),
    tooWide: all.filter((el) => sticksOut(el) || scrollsSideways(el)).map(describe),
    outOfOrder: all.filter((el) => el.tabIndex > 0).map(describe),
    doubled: [...document.querySelectorAll("[id]")].map(({ id }) => id)
      .filter((id, index, ids) => ids.indexOf(id) !== index),
  };

  function isShown(el) {
    return el.checkVisibility({ visibilityProperty: true }) && el.closest(".unseen") === null;
  }

  function sticksOut(el) {
    const isPageTooWide = document.documentElement.scrollWidth > innerWidth;
    return isPageTooWide && el.getBoundingClientRect().right > innerWidth + 1;
  }

  function scrollsSideways(el) {
    const mayScroll = ["auto", "scroll"].includes(getComputedStyle(el).overflowX);
    return mayScroll && el.scrollWidth > el.clientWidth + 1;
  }

  function nameOf(el) {
    const labels = [...(el.labels ?? [])].map((label) => label.textContent);
    const by = document.getElementById(el.getAttribute("aria-labelledby") ?? "")?.textContent;
    return [el.getAttribute("aria-label"), by, ...labels, el.textContent].join("").trim();
  }

  function hasOwnText(el) {
    return [...el.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== "");
  }

  function contrast(el) {
    const { color, fill } = getComputedStyle(el);
    const ground = groundOf(el);
    const own = over(parse(el instanceof SVGElement ? fill : color), ground);
    const [light, dark] = [brightness(own), brightness(ground)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  }

  function groundOf(el) {
    const layers = [];
    for (let at = el; at !== null; at = at.parentElement) {
      layers.unshift(parse(getComputedStyle(at).backgroundColor));
    }
    return layers.reduce((below, layer) => over(layer, below), [255, 255, 255, 1]);
  }

  function over([r, g, b, alpha], below) {
    const mix = (top, index) => top * alpha + below[index] * (1 - alpha);
    return [mix(r, 0), mix(g, 1), mix(b, 2), 1];
  }

  function parse(color) {
    const [r, g, b, alpha = 1] = color.match(/[\d.]+/g).map(Number);
    return [r, g, b, alpha];
  }

  function brightness([r, g, b]) {
    const [red, green, blue] = [r, g, b].map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }

  function describe(el) {
    const id = el.id === "" ? "" : `#${el.id}`;
    return `${el.localName}${id}.${el.getAttribute("class") ?? ""} “${
      el.textContent.trim().slice(0, 40)
    }”`;
  }
}
