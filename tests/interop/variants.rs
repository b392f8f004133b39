//! Issues that try the blocks of the standard layout: what is absent, what is long, what is written from right to
//! left.

use crate::chromium::Setting;
use crate::layout::{Measured, assert_good, measure};
use crate::project::Project;

const SETTINGS: [Setting; 3] = [Setting::Light, Setting::Dark, Setting::NoPictures];
const SOMEBODY: &str = "zoe.lefevre@example.net";

/// An issue of these blocks, with this added to its front matter.
fn issue(front: &str, blocks: &str) -> String {
    format!(
        "+++\nsubject = \"Variants\"\npreheader = \"What a layout must bear.\"\n\
         issue.number = 7\nissue.date = 2026-01-12\n{front}\n+++\n\
         A first paragraph, so that there is text to measure.\n\n{blocks}\n"
    )
}

/// Shows an issue in every setting, where the common rules must hold, and gives what was measured.
fn show(front: &str, blocks: &str) -> Vec<Measured> {
    let project = Project::example();
    project.campaign("variant", &issue(front, blocks));
    let preview = project.preview("variant", SOMEBODY);
    let mut all = Vec::new();
    for setting in SETTINGS {
        let measured = measure(&preview, setting);
        for one in &measured {
            assert_good(one, setting);
        }
        all.extend(measured);
    }
    all
}

#[test]
#[ignore = "needs the Debian package chromium"]
fn a_promo_is_good_without_picture_title_label_or_text() {
    let shown = show(
        "",
        r#"
::: promo label="Sponsored"
### A title and no picture
Some words.

**[Go](https://example.com/go)**
:::

::: promo label="Sponsored"
![The report](picture.png)

Some words and no title.

**[Read it](https://example.com/go)**
:::

::: promo
**[Nothing but a button with a rather long text that needs two lines on a phone](https://example.com/go)**
:::

::: promo
![A picture alone](picture.png)
:::

::: promo label="Ours"
Words alone.
:::
"#,
    );
    for measured in shown {
        assert_eq!((measured.buttons.len(), measured.pictures.len()), (3, 2));
    }
}

#[test]
#[ignore = "needs the Debian package chromium"]
fn events_are_good_with_and_without_dates_and_links() {
    let shown = show(
        "",
        r"
::: events Dates for your diary
- **Undated** · 3 March
- [A talk](https://example.com/talk) · Wednesday, 23 September 2026 · Llanfairpwllgwyngyll · free
  With a text.
- **No date here**
  And a text.
:::

::: events Some day
- [Neither has a date](https://example.com/a)
- **Nor a link**
  But a text.
:::
",
    );
    assert!(shown.iter().all(|measured| measured.titles.len() == 5));
}

#[test]
#[ignore = "needs the Debian package chromium"]
fn links_are_good_without_a_text_and_with_a_title_of_three_lines() {
    let long = "How to disagree with somebody who is usually right, in front of people who have stopped checking \
                whether they are, and what to do on the day after, when everybody has slept on it but you";
    let shown = show(
        "",
        &format!(
            "
::: links Worth your time
- [{long}](https://example.com/long) · A Source With A Name That Is Long Itself, And Goes On
  A text below it.
- [No text](https://example.com/short)
- [No text either](https://example.com/source) · Source
:::
"
        ),
    );
    for measured in shown {
        assert_eq!(measured.titles.len(), 3);
        assert!(measured.titles[0].lines >= 3, "{:?}", measured.titles[0]);
        assert_eq!(measured.titles[1].lines, 1);
    }
}

#[test]
#[ignore = "needs the Debian package chromium"]
fn long_words_and_wide_tables_do_not_push_the_page_apart() {
    let url = format!("https://example.com/{}", "averylongpathwithoutabreak".repeat(6));
    let word = "Donaudampfschifffahrtsgesellschaftskapitänspatent".repeat(2);
    show(
        "",
        &format!(
            "
A link that is its own text: <{url}>. A word: {word}. Some `{word}` as code.

```
{word} {word}
```

> Quoted: {word}

| Team | Before | After | What they changed | Where to read about it |
| --- | ---: | ---: | --- | --- |
| Platform | 1,400,000 | 31,000 | The calendar, mostly | [{url}]({url}) |
| Payments | 12 | {word} | Nothing | — |

1. Numbered
   - nested
     - and again: {word}

## {word}

::: sponsor icon=\"🔌\"
Thanks to [{url}]({url}).
:::

::: links {word}
- [{url}]({url}) · {word}
  {word}
:::

::: events {word}
- **{word}** · {word} · {word}
  {word}
:::

::: promo label=\"{word}\"
### {word}
{word}

**[{word}](https://example.com/go)**
:::
"
        ),
    );
}

#[test]
#[ignore = "needs the Debian package chromium"]
fn an_issue_from_right_to_left_begins_at_the_right() {
    let shown = show(
        "lang = \"ar\"",
        r#"
## عنوان

نص قصير عن **العمل** و[رابط](https://example.com/a).

- أول
- ثان

> اقتباس

::: sponsor icon="☕"
شكرا [لنا](https://example.com/us).
:::

::: promo label="إعلان"
![تقرير](picture.png)
### تقرير جديد
كلمات قليلة.

**[اقرأ](https://example.com/go)**
:::

::: events مواعيد
- **لقاء** · ٣ مارس · بيروت
  نص.
:::

::: links روابط
- [عنوان الرابط](https://example.com/one) · مصدر
  وصف قصير.
:::
"#,
    );
    for measured in shown {
        assert_eq!((measured.lang.as_str(), measured.direction.as_str()), ("ar", "rtl"));
        let title = measured.titles.last().unwrap();
        let (left, right) = (title.left, measured.width - title.right);
        assert!(right < left, "{title:?} stands at the left");
    }
}
