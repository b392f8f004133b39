//! What is written and would not be in the message.

use crate::{BLOCK, ISSUE, LAYOUT, told};

#[test]
fn a_layout_without_blocks() {
    told(
        &[(LAYOUT, "[% for block in blocks %][[ block.mjml ]][% endfor %]", "")],
        "
warning: mjml/standard.mjml: the layout prints no block: nothing of issue.md is in the HTML of the message
  help: where the blocks belong: `[% for block in blocks %] [[ block.mjml ]] [% endfor %]`
",
    );
}

#[test]
fn a_block_that_the_layout_leaves_out() {
    told(
        &[(LAYOUT, "[% for block in blocks %]", "[% for block in blocks if block.type != \"links\" %]")],
        "
warning[unprinted-block]: campaigns/weekly/issue.md:11:1: this block is not in the HTML of the message
  11 | ::: links Worth your time
     | ^^^^^^^^^
  help: mjml/standard.mjml does not print it
",
    );
}

#[test]
fn words_that_a_block_leaves_out() {
    told(
        &[(BLOCK, "<mj-text>[[ item.title ]]</mj-text>", ""), (ISSUE, "- [Two", "- [Salt {{ first_name }}")],
        "
warning[unprinted-words]: campaigns/weekly/issue.md:11:1: not all of this block is in the HTML of the message: `{{ first_name }}`, `salt`, `things`
  11 | ::: links Worth your time
     | ^^^^^^^^^
  help: mjml/blocks/links.mjml does not print them
",
    );
}

#[test]
fn who_sends_it_and_how_to_leave() {
    told(
        &[(LAYOUT, "<a href=\"{{ unsubscribe_url }}\">Leave</a> [[ list.address ]]", "Bye")],
        "
warning: mjml/standard.mjml: the layout does not print your postal address
  help: the law asks for it in most places: print `[[ list.address ]]`
warning: mjml/standard.mjml: the layout does not say how to leave the list
  help: readers look for it at the end: `<a href=\"{{ unsubscribe_url }}\">Unsubscribe</a>`
",
    );
}
