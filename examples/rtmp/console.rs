//! What goes to the terminal. Whoever read it may be gone, as behind `| head`: that ends nothing, and is no error.

/// `println!` for a standard output that may be closed.
macro_rules! say {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        drop(writeln!(std::io::stdout(), $($text)*))
    }};
}

/// `eprintln!` for a standard error that may be closed.
macro_rules! complain {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        drop(writeln!(std::io::stderr(), $($text)*))
    }};
}
