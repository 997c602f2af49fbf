/**
 * Letters, digits and symbols of other scripts, and unusual Latin letters, that look like a Latin
 * letter, of what a name may contain (UTS 39, 4:
 * https://www.unicode.org/Public/security/latest/confusables.txt). Both are folded to lower case,
 * so a capital that looks like a capital counts as well. Scripts that are written from right to
 * left are left out: their letters join, or stand in an order of their own.
 */
const BY_LETTER = {
  a: 'ɑαаᗅ⍺ꓮꭺ𐊠𖽀',
  b: 'ƅβвᏼᑲᖯᗷꓐꞵꮟ𐊂𐊡𐌁',
  c: 'сᴄⲥꓚꮯ𐊢𐌂𐐽𐔜𑣩🝌',
  d: 'ԁᑯᗞᗪꓒꓓꭰꮷ',
  e: 'εеҽ℮ⴹꓰꬲꭼ𐊆𑣆𑣎',
  f: 'ϝքᖴẝꓝꞙꬵ𐊇𐊥𐔥𑣂',
  g: 'ƍɡԍցᏻᶃꓖꮐ',
  h: 'нһհᕼⲏꓧꮋꮒ𐋏',
  i: 'ıɩɪιіӏ⍳ꙇꭵ𑣃',
  j: 'ʝϳјᒍꓙꭻ',
  k: 'κкᛕⲕꓗꮶ𐔘',
  l: 'ǀᒪᛁ⏽ⲓⳑⵏꓡꓲꮮ𐊊𐌉𐑃𐔦𑣒𖼖𖼨',
  m: 'μϻмᗰᛖⲙꓟꮇ𐊰𐌑',
  n: 'ηոռⲛꓠ𐔓',
  o: 'οоօ०০੦૦ଠ୦௦౦೦ഠ൦๐໐ဝ၀ჿዐᴏᴑⲟⵔꓳꬽ𐊒𐊫𐐬𐓪𐔖𑓐𑣈𑣕𑣗𑣠',
  p: 'ρрᑭ⍴ⲣꓑꮲ𐊕',
  q: 'ԛգզⵕ',
  r: 'ʀᖇⲅꓣꭇꭈꭱꮁꮢ𐓜𖼵',
  s: 'ƽѕտꓢꜱꮥꮪ𐊖𐑈𑣁𖼺',
  t: 'τтⲧꓔꭲ𐊗𐊱𐌕𖼊🝨',
  u: 'ʋυսሀᑌᴜꓴꞟꭎꭒ𐓶𑣘𖽂',
  v: 'νѵᐯᴠⴸꓦꛟꮩ𐔝𑜆𑣀𖼈',
  w: 'ɯѡԝաᴡꓪꮃꮤ𑜊𑜎𑜏𑣦',
  x: 'χхᕁᕽ᙭ᚷ╳ⲭⵝꓫꭓ𐊐𐊴𐌗𐔧',
  y: 'ɣʏγуүყᶌỿⲩꓬꭚꭹꮍ𐊲𑣜𖽃',
  z: 'ζᴢꓜꮓ𑣄𑣉𑣥',
  ë: 'ё',
  ï: 'ї',
};

/** The Latin letter that a character looks like, both in lower case. */
export const LOOK_ALIKES: ReadonlyMap<string, string> = new Map(
  Object.entries(BY_LETTER).flatMap(([letter, alike]) =>
    [...alike].map((it): [string, string] => [it, letter]),
  ),
);
