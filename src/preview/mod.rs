//! A build and sample subscribers → files a person looks at.
