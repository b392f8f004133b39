// MJML's own tables: its elements, and values for each type of attribute.
import mjmlCore from 'mjml-core'
import 'mjml'

export const { components } = mjmlCore

/** What a `string` attribute is tried with; others get a word. */
const STRINGS = {
  'background-position': ['top left', 'center', '10% 20%'],
  'background-position-x': ['left', '30%', '12px'],
  'background-position-y': ['bottom', '30%', '12px'],
  'background-size': ['cover', 'contain', '100px', '50% auto', '100px 200px'],
  'background-url': ['https://example.com/bg.png'],
  'base-url': ['https://example.com/'],
  'border': ['2px solid #123456', 'none', '0'],
  'border-bottom': ['3px dashed red', 'none'],
  'border-left': ['3px dashed red', 'none'],
  'border-radius': ['6px', '50%', '4px 8px'],
  'border-right': ['3px dashed red', 'none'],
  'border-style': ['dashed', 'dotted'],
  'border-top': ['3px dashed red', 'none'],
  'css-class': ['one', 'one two'],
  'font-family': ['Georgia, serif', 'Roboto, Arial, sans-serif', '"Open Sans", Arial'],
  'font-size': ['20px'],
  'font-style': ['italic'],
  'font-weight': ['bold', '300'],
  'full-width': ['full-width', 'false', ''],
  'hamburger': ['hamburger'],
  'height': ['40px', 'auto'],
  'href': ['https://example.com/?a=1&amp;b=2', '#top', ''],
  'ico-close': ['&#8855;', 'x'],
  'ico-font-family': ['Georgia, serif'],
  'ico-open': ['&#9776;', 'o'],
  'ico-text-decoration': ['underline'],
  'ico-text-transform': ['lowercase'],
  'icon-unwrapped-url': ['https://example.com/up.png'],
  'icon-wrapped-url': ['https://example.com/down.png'],
  'inner-border': ['2px solid #123456'],
  'inner-border-bottom': ['2px solid #123456'],
  'inner-border-left': ['2px solid #123456'],
  'inner-border-right': ['2px solid #123456'],
  'inner-border-top': ['2px solid #123456'],
  'left-icon': ['https://example.com/left.png'],
  'line-height': ['1.5', '30px'],
  'mode': ['fluid-height', 'fixed-height'],
  'name': ['facebook', 'facebook-noshare', 'x', 'github', 'web', 'custom'],
  'rel': ['noopener'],
  'right-icon': ['https://example.com/right.png'],
  'sizes': ['(max-width: 600px) 100vw, 50vw'],
  'src': ['https://example.com/a.png?b=1&amp;c=2', ''],
  'srcset': ['https://example.com/a.png 1x, https://example.com/b.png 2x'],
  'target': ['_self'],
  'tb-border': ['1px solid #123456'],
  'text-decoration': ['underline', 'none'],
  'text-transform': ['uppercase'],
  'thumbnails-src': ['https://example.com/thumb.png'],
  'title': ['A title', 'Ünï &amp; &quot;cödé&quot; 🔌'],
  'usemap': ['#map'],
  'vertical-align': ['top', 'bottom'],
  'width': ['120px', 'auto', '50%'],
}

/** Values for a type in MJML's notation: `unit(px,%){1,4}`, `enum(a,b)`, `color` … */
export function values(attribute, type) {
  const [, kind, inside, most] = /^(\w+)(?:\((.*)\))?(?:\{\d+,(\d+)\})?$/.exec(type)
  switch (kind) {
    case 'enum':
      return inside.split(',')
    case 'color':
      return ['#0f5', '#12AB34', 'rebeccapurple', 'rgba(1, 2, 3, .5)', 'transparent']
    case 'boolean':
      return ['true', 'false']
    case 'integer':
      return ['0', '7']
    case 'unit':
    case 'unitWithNegative': {
      const sizes = inside.split(',').flatMap(unit => ({ 'px': ['0', '0px', '17px'], '%': ['30%'], 'em': ['0.1em'], 'auto': ['auto'], '': ['1.4'] })[unit])
      if (kind === 'unitWithNegative') sizes.push('-1px')
      if (Number(most) >= 2) sizes.push('3px 20px', '0 25px')
      if (Number(most) >= 4) sizes.push('1px 2px 3px', '1px 2px 3px 40px')
      return sizes
    }
    default:
      return STRINGS[attribute] ?? ['word']
  }
}
